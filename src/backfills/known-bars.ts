import type { Frame } from '../candles/frame.js'
import { isWindowWhole } from '../candles/window.js'
import type { ServedModel } from '../models/model.js'
import { windowBarsOf } from '../predictions/describe-input.js'
import { hashBars, layOutBars, predictionId } from '../predictions/identity.js'
import type { Series } from '../store/series.js'
import type { Place, Store, StoredPrediction } from '../store/store.js'

/** What is told of a prediction that is there. */
export type KnownPrediction = Pick<StoredPrediction, 'model' | 'barTimeMs' | 'yPred' | 'origin' | 'createdAtMs'>

export interface KnownBarsQuery {
  readonly store: Pick<Store, 'list'>
  readonly model: ServedModel
  readonly series: Series
  readonly frame: Frame
  /** Length of one bar, milliseconds. */
  readonly barMs: number
  /** Indices of bars in `frame`, rising. */
  readonly bars: Int32Array
}

const rowsAtOnce = 5_000

/**
 * Those of the bars, as indices, whose prediction from just these candles, by just this model, is stored already: computing it again would give the
 * same id. Told by hashing the candles of the window, some 30 µs, where the bar has a prediction at all.
 */
export async function knownBars({
  store,
  model,
  series,
  frame,
  barMs,
  bars,
}: KnownBarsQuery): Promise<ReadonlyMap<number, KnownPrediction>> {
  const known = new Map<number, KnownPrediction>()
  if (bars.length === 0) return known
  const barAt = new Map(Array.from(bars, (bar) => [frame.openTimeMs[bar]!, bar]))
  const range = { fromMs: frame.openTimeMs[bars[0]!]!, toMs: frame.openTimeMs[bars[bars.length - 1]!]! }
  const idOf = identify(model, series, frame, barMs)
  let after: Place | undefined
  do {
    const rows = await store.list({
      ...series,
      ...range,
      model: model.name,
      order: 'asc',
      history: true,
      limit: rowsAtOnce,
      ...(after && { after }),
    })
    for (const row of rows) {
      const bar = barAt.get(row.barTimeMs)
      if (bar !== undefined && row.modelSha256 === model.sha256 && row.source === 'candles' && idOf(bar) === row.id)
        known.set(bar, { model: row.model, barTimeMs: row.barTimeMs, yPred: row.yPred, origin: row.origin, createdAtMs: row.createdAtMs })
    }
    after = rows.length === rowsAtOnce ? rows.at(-1) : undefined
  } while (after !== undefined)
  return known
}

/** Ids of the predictions that bars would get; undefined where the window is not whole. */
function identify(model: ServedModel, series: Series, frame: Frame, barMs: number): (bar: number) => string | undefined {
  const { catalogue, baseBars, bufferBars } = model.manifest.features
  const windowBars = windowBarsOf(model.manifest.features)
  // Once for all windows: they overlap.
  let bytes: Uint8Array | undefined
  return (bar) => {
    if (!isWindowWhole(frame, barMs, windowBars, bar)) return undefined
    return predictionId({
      ...series,
      barTimeMs: frame.openTimeMs[bar]!,
      model: model.name,
      modelSha256: model.sha256,
      catalogue,
      catalogueVersion: model.catalogueVersion,
      baseBars,
      bufferBars,
      inputHash: hashBars((bytes ??= layOutBars(frame, 0, frame.nBars)), bar - windowBars + 1, windowBars),
    })
  }
}
