/** What the service answered instead of a result: its status and its problem. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'

  constructor(
    readonly status: number,
    /** Stable code of the problem; `unreadable` when the answer was none of ours. */
    readonly code: string,
    detail: string,
    /** Members of the problem as they came. */
    readonly problem: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail)
  }
}

/** Reads an answer of status 400 or above. */
export function toServiceError(status: number, body: string): ServiceError {
  const problem = parseObject(body)
  if (typeof problem?.code === 'string' && typeof problem.detail === 'string') {
    return new ServiceError(status, problem.code, problem.detail, problem)
  }
  return new ServiceError(status, 'unreadable', `the answer has status ${status} and is none of barcast's`)
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
