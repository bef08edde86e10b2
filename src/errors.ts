/** What can go wrong, once: stable code → HTTP status and title. The contract and docs list the same codes (checked by a test). */
export const problems = {
  'bad-json': { status: 400, title: 'The body is not JSON' },
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'unknown-model': { status: 404, title: 'No such model' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'not-acceptable': { status: 406, title: 'Not acceptable' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'bad-candle': { status: 422, title: 'A candle cannot be true' },
  'conflicting-candle': { status: 422, title: 'Two candles of one open time differ' },
  gap: { status: 422, title: 'Candles are missing inside the window' },
  'not-enough-history': { status: 422, title: 'Not enough closed candles' },
  'symbol-mismatch': { status: 422, title: 'The model was trained for another symbol' },
  'timeframe-mismatch': { status: 422, title: 'The model was trained for another timeframe' },
  'feature-mismatch': { status: 422, title: 'The features do not fit the model' },
  'model-unavailable': { status: 503, title: 'The model cannot answer' },
  'store-unavailable': { status: 503, title: 'The store cannot answer' },
  overloaded: { status: 503, title: 'Too many requests at once' },
  internal: { status: 500, title: 'Internal error' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problems

/** Members that help beside the detail: JSON values in snake_case, e.g. `{ errors: [{ pointer, detail }], first_missing }`. */
export type ProblemExtras = Readonly<Record<string, unknown>>

/**
 * A failure that the client is told about. `detail` says what is wrong, where, and what to do.
 * Everything that is not a Problem leaves as `internal` and shows nothing of the inside.
 */
export class Problem extends Error {
  override readonly name = 'Problem'

  constructor(
    readonly code: ProblemCode,
    detail: string,
    readonly extras: ProblemExtras = {},
    options?: { cause?: unknown; retryAfterSeconds?: number },
  ) {
    super(detail, options?.cause === undefined ? undefined : { cause: options.cause })
    this.retryAfterSeconds = options?.retryAfterSeconds
  }

  /** Seconds after which trying again may help; undefined where waiting does not help. */
  readonly retryAfterSeconds: number | undefined
}

/** An `invalid-request` that points at one place: a JSON pointer into the body ('' is all of it), or the name of a query parameter. */
export function invalidAt(pointer: string, detail: string, extras: ProblemExtras = {}): Problem {
  return new Problem('invalid-request', pointer === '' ? detail : `${detail} (at ${pointer})`, {
    errors: [{ pointer, detail }],
    ...extras,
  })
}

/** A problem as it leaves, RFC 9457: the members that every one has, then what helps. Goes out as `application/problem+json`. */
export function problemBody(problem: Problem, requestId: string): Record<string, unknown> {
  const { status, title } = problems[problem.code]
  const always = {
    type: `urn:problem:barcast:${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    request_id: requestId,
  }
  // Twice: the first sets the order of the members, the second wins over an extra of the same name.
  return { ...always, ...problem.extras, ...always }
}
