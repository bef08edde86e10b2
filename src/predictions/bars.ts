/**
 * Which bars a request is about: the newest closed one, some by their open times, or all from one time to another. Times are epoch
 * milliseconds, ranges include both ends; an end that is left out is that of the candles.
 */
export type Bars =
  'last' | { readonly times: readonly number[] } | { readonly fromMs?: number | undefined; readonly toMs?: number | undefined }

/** Predictions (or feature rows) that one request may ask for: bars times models. */
export const maxPerRequest = 10_000
