/** A moment as it leaves: ISO 8601, milliseconds, `Z`. */
export function iso(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
