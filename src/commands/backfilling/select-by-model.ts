import { rangeOf, selectBars, type Standing } from '../../backfills/select-bars.js'
import { durationMs, type Timeframe } from '../../candles/timeframe.js'
import type { Prediction } from '../../predictions/schema.js'
import type { Work } from './work.js'

export interface ChosenBars {
  readonly model: string
  readonly standing: Standing
  /** Open times, rising. */
  readonly barsMs: Float64Array
}

/** The bars of each model, among those that the user's candles have. */
export async function selectByModel(work: Work, openTimesMs: Float64Array): Promise<ChosenBars[]> {
  const { wanted, target, context } = work
  const chosen: ChosenBars[] = []
  for (const model of target.models) {
    const standing = await standingOf(work, model)
    if (wanted.mode === 'last_from_predictions' && standing.lastPredictedMs === undefined)
      context.stderr.write(
        `${model} has no stored prediction of ${target.series.symbol} ${target.series.timeframe} yet: it begins 48 bars before the end\n`,
      )
    chosen.push({ model, standing, barsMs: selectBars(wanted, standing, openTimesMs) })
  }
  return chosen
}

/** The range of a model's bars, epoch milliseconds, inclusive. */
export async function rangeOfModel(work: Work, model: string): Promise<{ fromMs: number; toMs: number }> {
  return rangeOf(work.wanted, await standingOf(work, model))
}

async function standingOf({ client, wanted, target, context }: Work, model: string): Promise<Standing> {
  const { symbol, timeframe } = target.series
  const clock = { nowMs: context.nowMs(), barMs: durationMs(timeframe as Timeframe) }
  if (wanted.mode !== 'last_from_predictions') return clock
  const answer = await client.request('GET', '/predictions', { query: { model, symbol, timeframe, order: 'desc', limit: 1 } })
  const [newest] = (await answer.json<{ predictions: readonly Prediction[] }>()).predictions
  return newest === undefined ? clock : { ...clock, lastPredictedMs: Date.parse(newest.bar_time) }
}
