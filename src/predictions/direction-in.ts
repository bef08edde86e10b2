/**
 * LONG, SHORT or NO_TRADE: the direction of the signal in a prediction's details.
 * @param details as they are stored, JSON text; null: there are none
 * @returns null where there is no signal
 */
export function directionIn(details: string | null): string | null {
  if (details === null || !details.includes('"signal"')) return null
  const { signal } = JSON.parse(details) as { readonly signal?: { readonly direction?: string } | null }
  return signal?.direction ?? null
}
