import { durationMs, type Timeframe, timeframes } from '../candles/timeframe.js'
import { InputError } from './input-error.js'

/**
 * The most frequent distance between bars.
 * @param openTimeMs in any order, epoch milliseconds
 * @throws InputError when it is the length of no timeframe
 */
export function guessTimeframe(openTimeMs: Float64Array): Timeframe {
  const sorted = openTimeMs.toSorted()
  const counts = new Map<number, number>()
  for (let bar = 1; bar < sorted.length; bar++) {
    const distance = sorted[bar]! - sorted[bar - 1]!
    if (distance > 0) counts.set(distance, (counts.get(distance) ?? 0) + 1)
  }
  const [distance] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [NaN, 0])
  const timeframe = timeframes.find((candidate) => durationMs(candidate) === distance)
  if (timeframe === undefined)
    throw new InputError(`the distance of the bars tells no timeframe; --timeframe names it: ${timeframes.join(', ')}`)
  return timeframe
}
