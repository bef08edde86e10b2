/** As Python's `datetime.isoformat` writes a time of UTC: microseconds and `+00:00`. */
export function withMicroseconds(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '000+00:00')
}

/** `YYYY-MM-DDTHH:MM:SSZ`, what is below a second cut off. */
export function wholeSeconds(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`
}
