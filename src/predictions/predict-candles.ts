import { setImmediate } from 'node:timers/promises'
import { checkFrame } from '../candles/check.js'
import type { Frame } from '../candles/frame.js'
import type { Submission } from '../candles/submission.js'
import type { Catalogue } from '../features/catalogue.js'
import type { StoredFeatures } from '../store/feature-store.js'
import type { NewPrediction, Store } from '../store/store.js'
import type { Bars } from './bars.js'
import { chooseBars, noneInRange, refuseTooMany, type Piece } from './choose-bars.js'
import type { Chosen } from './choose-models.js'
import { windowBarsOf } from './describe-input.js'
import { type Cast, castOf, nAnswering } from './cast-of.js'
import type { PredictModels } from './predict-models.js'
import { requireWindows } from './require-windows.js'
import type { SkippedBar } from './skipped-bar.js'
import { readStoredPieces } from './stored-pieces.js'
import { type KeyOf, usedFeatures } from './used-features.js'

export interface CandlesWork {
  readonly chosen: Chosen
  /** Undefined: the stored candles of the series. */
  readonly submission: Submission | undefined
  readonly bars: Bars
  readonly acceptedMs: number
  readonly origin: 'backfill' | 'catch-up' | undefined
  /** True: models without a window are left out as long as others remain. */
  readonly maySkip: boolean
  /** The keys under which models' feature values are kept; undefined: none are. */
  readonly keyOf: KeyOf | undefined
  /** Told the bars of a range and why, when nothing can be made of any; then the promise rejects. */
  readonly onNone?: (skipped: readonly SkippedBar[]) => void
}

export interface CandlesMade {
  /** At least one; by bar, oldest first, then in the order of the models. */
  readonly made: readonly NewPrediction[]
  readonly skipped: readonly SkippedBar[]
  /** The closed candles that were sent. */
  readonly candles: Frame | undefined
  readonly features: readonly StoredFeatures[]
}

export interface PredictCandlesParts {
  readonly catalogues: readonly Catalogue[]
  readonly store: Pick<Store, 'candles'>
  readonly predictModels: PredictModels
  readonly observe: (stage: 'check' | 'features' | 'score', seconds: number) => void
}

/** Bars that are predicted at once for one model: some 15 ms. Many models get smaller blocks. */
const blockBars = 64

/**
 * Predicts the bars of a request from candles, sent or stored, block by block, with a turn of the event loop between.
 * The promise rejects with a Problem when a bar that was named, or all of a range, cannot be answered.
 */
export function createPredictCandles({
  catalogues,
  store,
  predictModels,
  observe,
}: PredictCandlesParts): (work: CandlesWork) => Promise<CandlesMade> {
  return async (work) => {
    const { chosen, bars, acceptedMs, origin, maySkip, keyOf } = work
    const { models, symbol, timeframe } = chosen
    const seconds = { check: 0, features: 0, score: 0 }
    const started = performance.now()
    const cast = castOf(models)
    const source = work.submission === undefined ? await stored(work, cast) : submitted(work.submission, work, cast)
    seconds.check += (performance.now() - started) / 1000

    const result = { made: [] as NewPrediction[], skipped: [] as SkippedBar[], features: [] as StoredFeatures[] }
    const isNamed = bars === 'last' || 'times' in bars
    const everyone = [...cast.leaves, ...cast.ensembles]
    const size = Math.max(1, Math.min(blockBars, Math.floor((4 * blockBars) / cast.leaves.length)))
    let isFirst = true
    let newest: (() => void) | undefined
    for await (const { frame, bars: wanted } of source.pieces) {
      for (let from = 0; from < wanted.length; from += size) {
        if (!isFirst) await setImmediate()
        isFirst = false
        const block = wanted.length <= size ? wanted : wanted.subarray(from, from + size)
        const require = (lastBar: number) =>
          requireWindows({ frame, timeframe, models, catalogues, lastBar, oldestMs: source.oldestMs, maySkip })
        if (isNamed) block.forEach(require)
        const { made, rows, skipped } = await predictModels({
          models,
          series: { symbol, timeframe },
          frame,
          bars: block,
          submitted: source.submitted,
          unfinishedDropped: source.unfinishedDropped,
          acceptedMs,
          origin,
          oldestMs: source.oldestMs,
          before: result.made,
          observe: (stage, spent) => void (seconds[stage] += spent),
        })
        result.made.push(...made)
        result.skipped.push(...skipped)
        if (keyOf !== undefined) result.features.push(...usedFeatures(made, rows, everyone, keyOf))
        newest = () => require(block[block.length - 1]!)
      }
    }
    // Of a range nothing was made: the newest bar says why.
    if (result.made.length === 0) {
      work.onNone?.(result.skipped)
      newest?.()
    }
    for (const stage of ['check', 'features', 'score'] as const) observe(stage, seconds[stage])
    return { ...result, candles: source.candles }
  }

  function submitted(submission: Submission, { chosen, bars, acceptedMs, maySkip }: CandlesWork, cast: Cast): Source {
    const { models, timeframe } = chosen
    const checked = checkFrame(submission, timeframe, acceptedMs)
    const { frame } = checked
    if (frame.nBars === 0) requireWindows({ frame, timeframe, models, catalogues, maySkip })
    const wanted = chooseBars(frame, bars, timeframe, acceptedMs)
    refuseTooMany(wanted.length, nAnswering(cast))
    if (wanted.length === 0) throw noneInRange(frame)
    const { submitted, unfinishedDropped } = checked
    return { pieces: [{ frame, bars: wanted }], submitted, unfinishedDropped, oldestMs: undefined, candles: frame }
  }

  async function stored({ chosen: { symbol, timeframe }, bars, acceptedMs }: CandlesWork, cast: Cast): Promise<Source> {
    const windowBars = Math.max(...cast.leaves.map(({ manifest }) => windowBarsOf(manifest.features)))
    const series = { symbol, timeframe }
    const found = await readStoredPieces({
      candles: store.candles,
      series,
      bars,
      windowBars,
      refuse: (nBars) => refuseTooMany(nBars, nAnswering(cast)),
      nowMs: acceptedMs,
    })
    return { ...found, submitted: 0, unfinishedDropped: 0, candles: undefined }
  }
}

/** Where the candles come from. */
interface Source {
  readonly pieces: Iterable<Piece> | AsyncIterable<Piece>
  readonly submitted: number
  readonly unfinishedDropped: number
  /** Of the series; undefined: the frame is all there is. */
  readonly oldestMs: number | undefined
  readonly candles: Frame | undefined
}
