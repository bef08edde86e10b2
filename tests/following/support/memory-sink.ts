import type { Bar } from '../../../src/store/candle-store.js'
import type { Sink } from '../../../src/following/sink.js'

export interface MemorySink extends Sink {
  readonly candles: ReadonlyMap<number, Bar>
  /** Bars in the order in which they were predicted, with their origin. */
  readonly predictions: { model: string; barTimeMs: number; origin: string }[]
  /** Open times of bars that came with other values, in order. */
  readonly revisions: number[]
  /** Called before every call; throws to fail it. */
  fail: (what: string) => void
}

/** A sink as the contract wants it, of the plainest kind: one map of bars, predictions of bars with a whole window before them. */
export function memorySink(models: readonly { name: string; windowBars: number }[], durMs: number): MemorySink {
  const candles = new Map<number, Bar>()
  const sink: MemorySink = {
    candles,
    predictions: [],
    revisions: [],
    fail: () => undefined,
    async models() {
      return Promise.resolve({ ready: models, loading: [], unusable: [] })
    },
    async extent() {
      const times = [...candles.keys()]
      return Promise.resolve(times.length === 0 ? undefined : { firstMs: Math.min(...times), lastMs: Math.max(...times) })
    },
    async keep(_, frame) {
      await Promise.resolve()
      sink.fail('keep')
      let added = 0
      let revised = 0
      frame.openTimeMs.forEach((ms, bar) => {
        const values: Bar = {
          open: frame.open[bar]!,
          high: frame.high[bar]!,
          low: frame.low[bar]!,
          close: frame.close[bar]!,
          volume: frame.volume[bar]!,
        }
        const before = candles.get(ms)
        if (before === undefined) added++
        else if (Object.keys(values).some((name) => before[name as keyof Bar] !== values[name as keyof Bar])) {
          revised++
          sink.revisions.push(ms)
        }
        candles.set(ms, values)
      })
      return { added, revised }
    },
    async newestPrediction(_, model) {
      const times = sink.predictions.filter((prediction) => prediction.model === model).map(({ barTimeMs }) => barTimeMs)
      return Promise.resolve(times.length === 0 ? undefined : Math.max(...times))
    },
    async predict(_, names, fromMs, toMs, origin) {
      await Promise.resolve()
      sink.fail('predict')
      let predicted = 0
      const skipped: { model: string; barTimeMs: number }[] = []
      for (let barTimeMs = fromMs; barTimeMs <= toMs; barTimeMs += durMs) {
        for (const { name, windowBars } of models.filter((model) => names.includes(model.name))) {
          const isWhole = Array.from({ length: windowBars }, (_, back) => barTimeMs - back * durMs).every((ms) => candles.has(ms))
          if (isWhole) predicted += sink.predictions.push({ model: name, barTimeMs, origin: origin ?? 'live' }) > 0 ? 1 : 0
          else skipped.push({ model: name, barTimeMs })
        }
      }
      return { predicted, skipped }
    },
  }
  return sink
}
