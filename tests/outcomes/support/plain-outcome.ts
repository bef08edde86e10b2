import type { NewPrediction } from '../../../src/store/store.js'

export interface PlainBar {
  readonly high: number
  readonly low: number
  readonly close: number
}

export interface PlainOutcome {
  readonly status: 'pending' | 'settled' | 'unsettleable'
  readonly realised?: number
  readonly error?: number | null
  readonly hit?: boolean | null
  readonly covered?: boolean | null
  readonly realisedClass?: number | null
  readonly drawdown?: number | null
}

type Predicted = Pick<NewPrediction, 'barTimeMs' | 'horizonBars' | 'output' | 'quantile' | 'thresholds' | 'yPred'>

/** What came of a prediction of finite numbers, written down as the rules say it, bar by bar from a map of open times: the judge of the quick one. */
export function plainOutcome(
  prediction: Predicted,
  bars: ReadonlyMap<number, PlainBar>,
  barMs: number,
  newestMs = Math.max(...bars.keys()),
): PlainOutcome {
  const { barTimeMs, horizonBars, output, quantile, thresholds, yPred } = prediction
  const way = Array.from({ length: horizonBars + 1 }, (_, k) => bars.get(barTimeMs + k * barMs))
  if (newestMs < barTimeMs + horizonBars * barMs) return { status: 'pending' }
  if (output === 'score' || way.includes(undefined)) return { status: 'unsettleable' }
  const known = way as PlainBar[]
  const [entry, exit] = [known[0]!.close, known.at(-1)!.close]
  const log = Math.log(exit) - Math.log(entry)
  const nothing = { status: 'settled', error: null, hit: null, covered: null, realisedClass: null, drawdown: null } as const
  const drawdown = (isLong: boolean) =>
    isLong ? Math.min(...known.slice(1).map(({ low }) => low)) / entry - 1 : entry / Math.max(...known.slice(1).map(({ high }) => high)) - 1
  const y = yPred[0]!

  if (output === 'probability_up') {
    const hit = y === 0.5 || log === 0 ? null : y > 0.5 === log > 0
    return { ...nothing, realised: log, hit, drawdown: y === 0.5 ? null : drawdown(y > 0.5) }
  }
  if (output === 'class_probabilities') {
    const bounds = [-Infinity, ...thresholds, Infinity]
    const realisedClass = bounds.slice(1).findIndex((above, k) => bounds[k]! <= log && log < above)
    const predicted = yPred.indexOf(Math.max(...yPred))
    const isLong = bounds[predicted]! >= 0
    const isShort = bounds[predicted + 1]! <= 0
    return {
      ...nothing,
      realised: log,
      realisedClass,
      hit: predicted === realisedClass,
      drawdown: isLong || isShort ? drawdown(isLong) : null,
    }
  }
  const realised = output === 'return' ? exit / entry - 1 : log
  if (quantile !== null) return { ...nothing, realised, error: y - realised, covered: realised <= y }
  return {
    ...nothing,
    realised,
    error: y - realised,
    hit: Math.sign(y) === Math.sign(realised),
    drawdown: y === 0 ? null : drawdown(y > 0),
  }
}
