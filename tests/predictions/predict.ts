import t from 'tap'
import type { Test } from 'tap'
import type { Submission } from '../../src/candles/submission.js'
import { loadConfig } from '../../src/config.js'
import { multiTimeframe } from '../../src/features/multi-timeframe/catalogue.js'
import type { ServedModel } from '../../src/models/model.js'
import { openRegistry } from '../../src/models/registry.js'
import { createPredict } from '../../src/predictions/predict.js'
import type { PredictParts } from '../../src/predictions/predict.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import { realCandles } from '../candles/support/real-candles.js'

const hourMs = 3_600_000
const candles = realCandles()
const lastMs = Date.UTC(2025, 8, 29, 22)
const model = 'btcusdt-logret-168h'

/** The real parts over the sample models and a database in memory. */
async function openParts(t: Test, nowMs: () => number) {
  const catalogues = [multiTimeframe()]
  const registry = await openRegistry({ directory: loadConfig({}).models, checksums: 'strict', allowUnsigned: false, catalogues })
  await registry.loaded
  const store = await openDuckdbStore({ path: ':memory:' })
  t.teardown(async () => {
    await store.close()
    registry.close()
  })
  const counted: string[] = []
  const observed: string[] = []
  const parts: PredictParts = {
    registry,
    catalogues,
    store,
    nowMs,
    count: (model, result) => counted.push(`${model} ${result}`),
    observe: (stage, seconds) => observed.push(seconds >= 0 ? stage : 'negative'),
  }
  return { parts, store, registry, counted, observed, predict: createPredict(parts) }
}

/** The `nBars` bars that end with the one that opens at `endMs`, with changes if wanted. */
function frame(nBars: number, endMs = lastMs, changed: Partial<Submission> = {}): Submission {
  const end = candles.openTimeMs.indexOf(endMs) + 1
  const cut = (values: Float64Array) => values.slice(end - nBars, end)
  const { openTimeMs, open, high, low, close, volume } = candles
  return {
    nBars,
    openTimeMs: cut(openTimeMs),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
    pointer: (bar, column) => `/candles/${column}/${bar}`,
    ...changed,
  }
}

t.test('a prediction says where it comes from', async (t) => {
  const { predict, store, registry, counted, observed } = await openParts(t, () => Date.UTC(2025, 10, 1))
  const { predictions, anyNew } = await predict({ model, submission: frame(800), store: true })
  t.equal(anyNew, true)
  t.match(predictions, [
    {
      id: /^[0-9A-HJKMNP-TV-Z]{26}$/,
      symbol: 'BTCUSDT',
      timeframe: '1h',
      barTimeMs: lastMs,
      model,
      modelSha256: registry.served(model).sha256,
      yRaw: Float64Array.of(0.030967558971535417),
      yPred: Float64Array.of(0.030967558971535417),
      inputSubmitted: 800,
      inputBars: 726,
      inputFirstMs: lastMs - 725 * hourMs,
      inputLastMs: lastMs,
      unfinishedDropped: 0,
      origin: 'late',
      createdAtMs: Date.UTC(2025, 10, 1),
      supersedes: null,
    },
  ])
  t.same(await store.find(predictions[0]?.id ?? ''), predictions[0])
  t.same(counted, [`${model} new`])
  t.same(observed, ['check', 'features', 'score', 'store'])
})

t.test('the same frame twice, longer, or at once is one prediction; other candles supersede it', async (t) => {
  const { predict, counted } = await openParts(t, () => Date.UTC(2025, 10, 1))
  const first = (await predict({ model, submission: frame(726), store: true })).predictions[0]
  const again = await Promise.all([frame(726), frame(1000)].map((submission) => predict({ model, submission, store: true })))
  t.same(
    again.map(({ predictions, anyNew }) => [predictions[0]?.id, predictions[0]?.inputSubmitted, anyNew]),
    new Array(2).fill([first?.id, 726, false]),
  )
  const close = frame(726).close
  close[700] = (close[700] as number) * 1.0001
  const other = await predict({ model, submission: frame(726, lastMs, { close, high: frame(726).high.map((h) => h * 1.01) }), store: true })
  t.equal(other.predictions[0]?.supersedes, first?.id)
  t.equal(other.anyNew, true)
  t.same(counted, [`${model} new`, `${model} known`, `${model} known`, `${model} new`])
})

t.test('live within one timeframe after the close, late from then on', async (t) => {
  let nowMs = 0
  const { predict } = await openParts(t, () => nowMs)
  const originAt = async (now: number, symbol: string) => {
    nowMs = now
    const { predictions } = await predict({ model: 'crypto-up-4h', symbol, submission: frame(726), store: true })
    return predictions[0]?.origin
  }
  const closeMs = lastMs + hourMs
  t.equal(await originAt(closeMs, 'A'), 'live')
  t.equal(await originAt(closeMs + hourMs, 'B'), 'live')
  t.equal(await originAt(closeMs + hourMs + 1, 'C'), 'late')
  t.equal(await originAt(closeMs + 100 * hourMs, 'A'), 'live', 'who stored it first decides')
})

t.test('bars that are still open are left out and counted', async (t) => {
  const { predict } = await openParts(t, () => lastMs + hourMs - 1)
  const { predictions } = await predict({ model, submission: frame(727), store: false })
  t.match(predictions, [{ barTimeMs: lastMs - hourMs, unfinishedDropped: 1, inputSubmitted: 727, origin: 'live' }])
})

t.test('without storing', async (t) => {
  const { predict, store, counted } = await openParts(t, () => Date.UTC(2025, 10, 1))
  const { predictions, anyNew } = await predict({ submission: frame(726), store: false })
  t.equal(anyNew, false)
  t.equal(predictions.length, 7)
  t.same(await store.list({ order: 'asc', history: true, limit: 10 }), [])
  t.same([...new Set(counted.map((line) => line.split(' ')[1]))], ['unstored'])
})

t.test('models asked together answer as they do alone', async (t) => {
  const { predict } = await openParts(t, () => Date.UTC(2025, 10, 1))
  const together = (await predict({ submission: frame(726), store: false })).predictions
  for (const one of together) {
    const { predictions } = await predict({ model: one.model, symbol: 'BTCUSDT', submission: frame(726), store: false })
    t.same(predictions, [one], one.model)
  }
  const reversed = await predict({ models: together.map(({ model }) => model).reverse(), submission: frame(726), store: false })
  t.same(reversed.predictions, [...together].reverse(), 'in the order asked')
})

t.test('when none is named, models that need other candles are left out', async (t) => {
  const { parts, registry, counted } = await openParts(t, () => Date.UTC(2025, 10, 1))
  /** The real models, two of them asking for more history. */
  const needs: Record<string, number> = { 'btcusdt-up-24h': 800, 'crypto-up-4h': 1000 }
  const larger = (served: ServedModel): ServedModel => {
    const { manifest, name } = served
    const baseBars = needs[name] ?? manifest.features.baseBars
    return { ...served, manifest: { ...manifest, features: { ...manifest.features, baseBars } } }
  }
  const entries = () => registry.entries().map((entry) => (entry.state === 'served' ? { ...entry, model: larger(entry.model) } : entry))
  const predict = createPredict({ ...parts, registry: { ...registry, entries, served: (name) => larger(registry.served(name)) } })

  const all = await predict({ submission: frame(1006), store: false })
  t.same([all.predictions.length, all.skipped], [7, []])

  const some = await predict({ submission: frame(900), store: false })
  t.equal(some.predictions.length, 6)
  t.match(some.skipped, [{ model: 'crypto-up-4h', code: 'not-enough-history', detail: /1006 are needed/ }])
  t.ok(counted.includes('crypto-up-4h refused'))

  const few = await predict({ submission: frame(726), store: false })
  t.same(
    few.skipped.map(({ model, code }) => [model, code]),
    [
      ['btcusdt-up-24h', 'not-enough-history'],
      ['crypto-up-4h', 'not-enough-history'],
    ],
  )
  t.same(few.predictions.map(({ model }) => model).sort(), [...new Set(few.predictions.map(({ model }) => model))])

  const others = registry.entries().flatMap(({ name }) => (name in needs ? [] : [name]))
  await t.rejects(predict({ submission: frame(100), store: false }), {
    code: 'not-enough-history',
    extras: { bars_needed: 726, models: others },
  })
  const named = { models: ['crypto-up-4h', 'btcusdt-up-24h', model], submission: frame(900), symbol: 'BTCUSDT', store: false }
  await t.rejects(
    predict(named),
    { code: 'not-enough-history', extras: { bars_needed: 1006, models: ['crypto-up-4h'] } },
    'a named one refuses',
  )

  const gapMs = Date.UTC(2021, 7, 13, 12)
  await t.rejects(predict({ submission: frame(1200, gapMs), store: false }), { code: 'gap', extras: { models: others } })
})

t.test('what is refused, in which order, and that nothing of it is kept', async (t) => {
  const { predict, store, counted } = await openParts(t, () => Date.UTC(2025, 10, 1))
  const bad = frame(726, lastMs, { low: frame(726).low.map(() => -1) })
  await t.rejects(predict({ model: 'nope', submission: bad, store: true }), { code: 'unknown-model' }, 'models before frame')
  await t.rejects(predict({ models: [model, 'nope'], submission: frame(726), store: true }), { code: 'unknown-model' })
  await t.rejects(predict({ model, symbol: 'ETHUSDT', submission: bad, store: true }), { code: 'symbol-mismatch' })
  await t.rejects(predict({ model, timeframe: '4h', submission: bad, store: true }), { code: 'timeframe-mismatch' })
  await t.rejects(predict({ model, submission: bad, store: true }), { code: 'bad-candle' })
  await t.rejects(predict({ model, submission: frame(725), store: true }), { code: 'not-enough-history' })
  const gapMs = Date.UTC(2021, 7, 13, 12)
  await t.rejects(predict({ model, submission: frame(800, gapMs), store: true }), { code: 'gap' })
  t.same(await store.list({ order: 'asc', history: true, limit: 10 }), [])
  t.ok(counted.every((line) => line === `${model} refused`))
  t.equal(counted.length, 6)
})

t.test('a store that fails refuses, and the next request finds it as it was', async (t) => {
  const { parts, store } = await openParts(t, () => Date.UTC(2025, 10, 1))
  const failing = createPredict({ ...parts, store: { ...store, record: () => Promise.reject(new Error('no space')) } })
  await t.rejects(failing({ model, submission: frame(726), store: true }), { message: 'no space' })
  t.same(await store.list({ order: 'asc', history: true, limit: 10 }), [])
})
