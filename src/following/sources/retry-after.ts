const mostMs = 24 * 3_600_000

/**
 * How long a Retry-After header asks to wait, milliseconds, at most a day: seconds, or a date (RFC 9110, 10.2.3). Undefined when it says neither.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const text = header.trim()
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : /[a-z]/i.test(text) ? Date.parse(text) - nowMs : NaN
  return Number.isNaN(ms) ? undefined : Math.min(mostMs, Math.max(0, ms))
}
