/** Why a look at a source failed; the label of a metric, so there are few. */
export const failureReasons = [
  'timeout',
  'unreachable',
  'status',
  'rate-limited',
  'redirect',
  'too-large',
  'bad-json',
  'bad-candles',
  'conflicting-candles',
  'unreadable',
  'held',
  'service',
  'internal',
] as const
export type FailureReason = (typeof failureReasons)[number]

/** A look at a source that failed and is repeated. The message holds no URL beyond its host, and nothing of what was sent. */
export class FollowFailure extends Error {
  override readonly name = 'FollowFailure'

  constructor(
    readonly reason: FailureReason,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.retryAfterMs = options.retryAfterMs
  }

  /** How long the source asked to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined
}
