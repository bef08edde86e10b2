/** Longer waits are cut to this, seconds: proxies end connections that are silent for longer. */
export const maxWaitSeconds = 60

/**
 * How long a client prefers to wait for news: `Prefer: wait=25` (RFC 7240, 4.3), seconds, at most `maxWaitSeconds`. 0 when it
 * does not, or when what it says is no whole number: preferences that are not understood are ignored.
 */
export function preferWait(prefer: string | string[] | undefined): number {
  if (prefer === undefined) return 0
  for (const preference of [prefer].flat().join(',').split(',')) {
    const [name = '', value = ''] = preference.split(';', 1)[0]!.split('=', 2)
    if (name.trim().toLowerCase() !== 'wait') continue
    const seconds = value.trim().replace(/^"(.*)"$/, '$1')
    return /^\d{1,9}$/.test(seconds) ? Math.min(Number(seconds), maxWaitSeconds) : 0
  }
  return 0
}
