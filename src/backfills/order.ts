import type { JsonObject } from '../jobs/job-kind.js'
import type { Series } from '../store/series.js'
import type { Plan } from './plan.js'
import type { Mode } from './select-bars.js'

/** What a backfill has to do, as its job keeps it: a plan without the bars in between, JSON. Times in epoch milliseconds. */
export interface Order extends JsonObject, Series {
  readonly mode: Mode
  readonly models: readonly OrderedModel[]
  /** Only for ts_list: the bars themselves. */
  readonly timestampsMs?: readonly number[]
  /** What the asker may want to know, in sentences. */
  readonly notes: readonly string[]
}

export interface OrderedModel {
  readonly model: string
  readonly bars: number
  /** First and last bar; null when there is none. */
  readonly fromMs: number | null
  readonly toMs: number | null
}

/** Bars between the first and the last of a plan are its bars: in a list they are named, in a range every stored one is meant. */
export function toOrder({ series, mode, models, notes }: Plan): Order {
  const listed = mode === 'ts_list' ? models[0]?.barsMs : undefined
  return {
    ...series,
    mode,
    notes,
    models: models.map(({ model, barsMs }) => ({
      model,
      bars: barsMs.length,
      fromMs: barsMs[0] ?? null,
      toMs: barsMs[barsMs.length - 1] ?? null,
    })),
    ...(listed && { timestampsMs: Array.from(listed) }),
  }
}
