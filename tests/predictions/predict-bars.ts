import fc from 'fast-check'
import t from 'tap'
import type { Frame } from '../../src/candles/frame.js'
import { multiTimeframe } from '../../src/features/multi-timeframe/catalogue.js'
import type { ServedModel } from '../../src/models/model.js'
import { createPredictBars, type BarsMade, type BarsWork } from '../../src/predictions/predict-bars.js'
import { firstBarFrom } from '../../src/candles/first-bar-from.js'
import { realCandles } from '../candles/support/real-candles.js'
import { loadedRegistry, samples } from '../models/support/models-directory.js'

const candles = realCandles()
const registry = await loadedRegistry(samples)
t.teardown(() => registry.close())
const models = registry.entries().flatMap((entry) => (entry.state === 'served' ? [entry.model] : []))
const series = { symbol: 'BTCUSDT', timeframe: '1h' }
const acceptedMs = Date.UTC(2025, 10, 1)
const predictBars = createPredictBars({ catalogues: [multiTimeframe()] })

/** The bars from `from` to `to`, both included, as a frame of its own. */
function cut(from: number, to: number): Frame {
  const take = (values: Float64Array) => values.slice(from, to + 1)
  const { openTimeMs, open, high, low, close, volume } = candles
  return {
    nBars: to + 1 - from,
    openTimeMs: take(openTimeMs),
    open: take(open),
    high: take(high),
    low: take(low),
    close: take(close),
    volume: take(volume),
  }
}

/** The samples score at once. */
function now(work: BarsWork): BarsMade {
  const made = predictBars(work)
  if (made instanceof Promise) throw new Error('scored later')
  return made
}

function predict(frame: Frame, bars: readonly number[], asked: readonly ServedModel[] = models): BarsMade {
  return now({ models: asked, series, frame, bars: Int32Array.from(bars), submitted: 5, unfinishedDropped: 0, acceptedMs })
}

/** Everything that is said of a prediction; -0 and NaN are told apart. */
const told = (made: BarsMade) => made.made.map((prediction) => JSON.stringify(Object.entries(prediction).map(([k, v]) => [k, spell(v)])))
const spell = (value: unknown) =>
  value instanceof Float64Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex') : value

t.test('many bars are what each is alone, in its own window, bit for bit', (t) => {
  const from = 20_000
  const frame = cut(from, from + 900)
  const bars = [725, 726, 727, 740, 800, 899, 900]
  const together = predict(frame, bars)
  t.equal(together.made.length, bars.length * models.length)
  t.same(
    together.made.slice(0, models.length).map(({ model }) => model),
    models.map(({ name }) => name),
    'by bar, then in the order of the models',
  )
  const alone = bars.flatMap((bar) => told(predict(cut(from + bar - 725, from + bar), [725])))
  t.strictSame(told(together), alone)
  const oneByOne = bars.flatMap((bar) => models.flatMap((model) => told(predict(frame, [bar], [model]))))
  t.strictSame(told(together), oneByOne)
  t.strictSame(
    together.rows.map((row) => row.length),
    bars.flatMap(() => models.map(({ featureNames }) => featureNames.length)),
  )
  t.end()
})

t.test('windows that lie far apart are hashed alike', (t) => {
  const frame = cut(20_000, 27_000)
  const far = predict(frame, [800, 4_000, 6_900], [models[0]!])
  const near = [800, 4_000, 6_900].flatMap((bar) => told(predict(frame, [bar - 1, bar], [models[0]!])).slice(1))
  t.strictSame(told(far), near)
  t.end()
})

t.test('models whose windows are longer are skipped where they have none, and say why', (t) => {
  const [model] = models as [ServedModel]
  const { manifest } = model
  const longer: ServedModel = { ...model, name: 'longer', manifest: { ...manifest, features: { ...manifest.features, bufferBars: 80 } } }
  const { made, skipped } = predict(cut(20_000, 20_900), [725, 798, 799], [longer, model])
  t.same(
    made.map((prediction) => [prediction.model, prediction.inputBars, prediction.inputLastMs === prediction.barTimeMs]),
    [
      [model.name, 726, true],
      [model.name, 726, true],
      ['longer', 800, true],
      [model.name, 726, true],
    ],
  )
  t.match(skipped, [
    {
      model: 'longer',
      code: 'not-enough-history',
      barTimeMs: candles.openTimeMs[20_725],
      detail: /726 closed 1h candles .* 800 are needed/,
    },
    { model: 'longer', code: 'not-enough-history', barTimeMs: candles.openTimeMs[20_798] },
  ])
  t.end()
})

t.test('a gap is one also where the frame begins behind it', (t) => {
  const afterGap = firstBarFrom(candles.openTimeMs, Date.UTC(2021, 7, 13, 6, 30))
  const frame = cut(afterGap, afterGap + 100)
  const work = { models, series, frame, bars: Int32Array.of(100), submitted: 0, unfinishedDropped: 0, acceptedMs }
  t.ok(now(work).skipped.every(({ code }) => code === 'not-enough-history'))
  const { skipped } = now({ ...work, oldestMs: candles.openTimeMs[0]! })
  t.ok(skipped.length > 0 && skipped.every(({ code }) => code === 'gap'))
  t.end()
})

t.test('what comes after a bar, or before its window, changes nothing in its predictions', (t) => {
  const from = 30_000
  const clean = cut(from, from + 1_000)
  const columns = ['open', 'high', 'low', 'close', 'volume'] as const
  fc.assert(
    fc.property(
      fc.integer({ min: 725, max: 999 }),
      fc.array(
        fc.record({ bar: fc.integer({ min: 0, max: 1_000 }), column: fc.constantFrom(...columns), value: fc.double({ noNaN: true }) }),
        {
          minLength: 1,
          maxLength: 20,
        },
      ),
      (bar, changes) => {
        const frame = cut(from, from + 1_000)
        for (const { bar: at, column, value } of changes) if (at > bar || at <= bar - 726) frame[column][at] = value
        return JSON.stringify(told(predict(frame, [bar]))) === JSON.stringify(told(predict(clean, [bar])))
      },
    ),
    { numRuns: 200 },
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 725, max: 1_000 }),
      fc.integer({ min: 0, max: 725 }),
      fc.constantFrom(...columns),
      (bar, back, column) => {
        const frame = cut(from, from + 1_000)
        frame[column][bar - back]! *= 1.5
        return predict(frame, [bar], [models[0]!]).made[0]!.inputHash !== predict(clean, [bar], [models[0]!]).made[0]!.inputHash
      },
    ),
    { numRuns: 50 },
  )
  t.end()
})

t.test('live or late by the clock, unless it is said how', (t) => {
  const frame = cut(20_000, 20_800)
  const at = (origin?: 'backfill' | 'catch-up') =>
    now({
      models: [models[0]!],
      series,
      frame,
      bars: Int32Array.of(799, 800),
      submitted: 0,
      unfinishedDropped: 0,
      acceptedMs: frame.openTimeMs[800]! + 7_200_000,
      origin,
    }).made.map((prediction) => prediction.origin)
  t.same(at(), ['late', 'live'])
  t.same(at('backfill'), ['backfill', 'backfill'])
  t.same(at('catch-up'), ['catch-up', 'catch-up'])
  t.end()
})
