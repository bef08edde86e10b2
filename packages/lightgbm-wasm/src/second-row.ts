/** Milliseconds between two rows after which other work may have had the processor's caches. */
const PAUSE = 1

/**
 * Returns a function to be called before every row that comes alone. It says whether the row is the second one after a pause: more are
 * likely to follow then, and it pays to fetch all tables at once. The first row may stay the only one, for which fetching them takes longer
 * than the row.
 * @param now milliseconds, of any clock
 */
export function watchForSecondRow(now: () => number = Date.now): () => boolean {
  let last = -Infinity
  let pausedBefore = false
  return () => {
    const time = now()
    const paused = time - last > PAUSE
    const second = pausedBefore && !paused
    last = time
    pausedBefore = paused
    return second
  }
}
