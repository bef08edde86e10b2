import { stamp } from './words.js'

export interface Consistency {
  /** Bars that have candles, and bars that have features, among those asked for. Open times, rising. */
  readonly candlesMs: readonly number[]
  readonly featuresMs: readonly number[]
  readonly featureKey: string | undefined
}

/** What is wrong when candles and features are not there for the same bars; undefined when they are. Text that ends with a line break. */
export function checkConsistency({ candlesMs, featuresMs, featureKey }: Consistency): string | undefined {
  const hasCandles = new Set(candlesMs)
  const hasFeatures = new Set(featuresMs)
  const incomplete = candlesMs.filter((ms) => !hasFeatures.has(ms))
  if (incomplete.length > 0) {
    const key = featureKey === undefined ? '' : ` under the key ${featureKey}`
    return describe(
      incomplete,
      'OHLCV but missing features',
      `Feature data is incomplete. Compute the features of these bars${key} and run this again, or choose other bars.`,
    )
  }
  const ahead = featuresMs.filter((ms) => !hasCandles.has(ms))
  if (ahead.length > 0) {
    return describe(
      ahead,
      'features but missing OHLCV',
      'OHLCV data is incomplete or features are ahead of OHLCV. This should not happen - check data integrity.',
    )
  }
  return undefined
}

const mostShown = 10

function describe(times: readonly number[], what: string, advice: string): string {
  const shown = times.slice(0, mostShown).map((ms) => `  - ${stamp(ms)}`)
  const more = times.length > mostShown ? [`  ... and ${times.length - mostShown} more`] : []
  return [`ERROR: ${times.length} timestamps have ${what}:`, ...shown, ...more, `[ERROR] Data validation failed: ${advice}`, ''].join('\n')
}
