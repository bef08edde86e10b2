import { Problem } from '../errors.js'

/** What the framework's own failures mean to a client. Its other codes below 500 are `invalid-request`. */
const frameworkProblems: Readonly<Record<string, (context: Limits & { readonly accepted: readonly string[] }) => Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ({ bodyLimitBytes }) =>
    new Problem('too-large', `The body is larger than ${bodyLimitBytes} bytes; send fewer candles, or raise BARCAST_BODY_LIMIT.`, {
      limit_bytes: bodyLimitBytes,
    }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ({ accepted }) => unsupportedMediaType('Content-Type names no format that is read here', accepted),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => new Problem('invalid-request', 'The body is not as long as Content-Length says.'),
  FST_ERR_BAD_URL: () => new Problem('invalid-request', 'The URL is not well formed: a percent sign must be followed by two hex digits.'),
  FST_ERR_MAX_PARAM_LENGTH: () => new Problem('not-found', 'Nothing has a name that long.'),
}

export interface Limits {
  readonly bodyLimitBytes: number
}

/**
 * The problem that a thrown value leaves as. What is no Problem and no known failure of the framework is `internal`, its cause kept.
 * @param accepted media types that the route takes; none: it takes no body
 */
export function toProblem(error: unknown, limits: Limits, accepted: readonly string[] = []): Problem {
  if (error instanceof Problem) return error
  const { code, statusCode, message } = error as { code?: unknown; statusCode?: unknown; message?: unknown }
  if (typeof code === 'string' && code.startsWith('FST_')) {
    const known = frameworkProblems[code]?.({ ...limits, accepted })
    if (known !== undefined) return known
    if (typeof statusCode === 'number' && statusCode < 500) return new Problem('invalid-request', String(message))
  }
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return new Problem('invalid-request', 'The body broke off.')
  return new Problem('internal', 'Something went wrong here. The log has it under the request id.', {}, { cause: error })
}

/** A body that cannot be read because of its format; says which ones the route takes. */
export function unsupportedMediaType(why: string, accepted: readonly string[]): Problem {
  const send = accepted.length === 0 ? 'send no body' : `send ${accepted.join(' or ')}, in UTF-8, not compressed`
  return new Problem('unsupported-media-type', `${why}; ${send}.`, { accepted })
}
