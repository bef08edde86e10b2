import t from 'tap'
import type { Test } from 'tap'
import type { Frame } from '../../src/candles/frame.js'
import { Problem } from '../../src/errors.js'
import type { Parts } from '../../src/app.js'
import type { NewPrediction, Store } from '../../src/store/store.js'
import { addLayout } from '../models/support/layouts.js'
import { addBundle, emptyDirectory } from '../models/support/models-directory.js'
import { noOnnxruntime } from '../models/support/onnxruntime.js'
import { prediction } from '../store/support/prediction.js'
import { startService } from '../support/service.js'

const barMs = 900_000
const barTimeMs = Date.UTC(2025, 0, 1, 12)
const createdAtMs = barTimeMs + barMs + 1_234
const nowMs = Date.UTC(2025, 0, 1, 12, 20, 0, 7)
const now = '2025-01-01T12:20:00.007000+00:00'
const classes = ['SHORT', 'NO_TRADE', 'LONG']

/** A service with a model of crypto_bot's classes that nobody has to ask: its predictions are stored by the tests. */
async function service(t: Test, env: Record<string, string> = {}, swap?: (parts: Parts) => Partial<Parts>) {
  const directory = emptyDirectory(t.testdir())
  addBundle(directory, 'signals', 'btcusdt-move-24h').editManifest({ classes, thresholds: [-0.0025, 0.0025] })
  const started = await startService(t, { env: { BARCAST_MODELS: directory, ...env }, nowMs: () => nowMs, ...(swap && { swap }) })
  const { store } = started.parts
  const keep = async (fields: Partial<NewPrediction> = {}, price: number | null = 42_000) => {
    const made = prediction({ ...base, id: `p${Math.random()}`, ...fields })
    if (price !== null) await store.candles.keep(made, oneBar(made.barTimeMs, price), nowMs)
    await store.record([made])
  }
  const json = async (url: string) => {
    const answer = await started.get(url)
    return { status: answer.statusCode, body: answer.json<unknown>() }
  }
  return { ...started, store, keep, json }
}

const base = {
  origin: 'live' as const,
  ...{ timeframe: '15m', model: 'signals', output: 'class_probabilities', horizonBars: 3, barTimeMs, createdAtMs },
  ...{ yRaw: Float64Array.of(0, 1, 2), yPred: Float64Array.of(0.1, 0.2, 0.7), thresholds: Float64Array.of(-0.0025, 0.0025) },
}

function oneBar(openTimeMs: number, price: number): Frame {
  const column = (value: number) => Float64Array.of(value)
  return {
    nBars: 1,
    openTimeMs: column(openTimeMs),
    open: column(price),
    high: column(price),
    low: column(price),
    close: column(price),
    volume: column(1),
  }
}

const long = {
  symbol: 'BTCUSDT',
  timeframe: '15m',
  direction: 'LONG',
  confidence: 70,
  accuracy_estimate: 50,
  current_price: 42_000,
  entry_price: 42_084,
  stop_loss: 41_747.328,
  take_profits: [
    { level: 1, price: 42_715.26, eta: '2025-01-01T13:00:01Z' },
    { level: 2, price: 43_346.52, eta: '2025-01-01T13:00:01Z' },
    { level: 3, price: 44_188.2, eta: '2025-01-01T13:00:01Z' },
  ],
  timestamp: '2025-01-01T12:15:01Z',
  valid_until: '2025-01-01T12:45:01Z',
}

t.test('trap 25: whole bodies, the envelope with microseconds and +00:00, the prediction with Z', async (t) => {
  const { keep, json } = await service(t)
  await keep()
  t.strictSame(await json('/api/predictions?symbols=btcusdt,%20ETHUSDT&timeframe=%2015m'), {
    status: 200,
    body: { success: true, predictions: { BTCUSDT: long }, count: 1, warming_up: false, timestamp: now },
  })
  t.strictSame(await json('/api/predictions/btcusdt'), {
    status: 200,
    body: { success: true, symbol: 'BTCUSDT', prediction: long, timestamp: now },
  })
  t.same(Object.keys(long).length, 11)
  t.same(
    Object.keys(((await json('/api/predictions/BTCUSDT')).body as { prediction: object }).prediction),
    Object.keys(long),
    'in its order',
  )
})

t.test('trap 22: confidence is 0 to 100; the other directions', async (t) => {
  const { keep, json } = await service(t)
  await keep({ yPred: Float64Array.of(0.5, 0.25, 0.25) })
  await keep({ timeframe: '1h', barTimeMs: Date.UTC(2025, 0, 1, 11), yPred: Float64Array.of(0.2, 0.6, 0.2) })
  t.match(await json('/api/predictions/BTCUSDT'), {
    body: {
      prediction: {
        direction: 'SHORT',
        confidence: 50,
        entry_price: 41_916,
        stop_loss: 42_251.328,
        take_profits: [{ price: 41_287.26 }, { price: 40_658.52 }, { price: 39_820.2 }],
      },
    },
  })
  t.match(await json('/api/predictions/BTCUSDT?timeframe=1h'), {
    body: {
      prediction: {
        direction: 'NO_TRADE',
        confidence: 60,
        entry_price: 42_000,
        stop_loss: 42_000,
        take_profits: [],
        valid_until: '2025-01-01T14:15:01Z',
      },
    },
  })
  t.strictSame(await json('/api/predictions/btcusdt/summary'), {
    status: 200,
    body: {
      status: 'success',
      symbol: 'BTCUSDT',
      summary: { '15m': { direction: 'SHORT', confidence: 50 }, '1h': { direction: 'NO_TRADE', confidence: 60 } },
    },
  })
})

t.test('an old bar is no trade of today: times count from its close unless it was predicted while it was the newest', async (t) => {
  const { keep, json } = await service(t)
  for (const origin of ['late', 'backfill', 'catch-up'] as const) {
    await keep({ symbol: origin.toUpperCase(), origin, barTimeMs: barTimeMs - 8 * 3_600_000 })
    t.match((await json(`/api/predictions/${origin}`)).body, {
      prediction: {
        direction: 'LONG',
        timestamp: '2025-01-01T04:15:00Z',
        valid_until: '2025-01-01T04:45:00Z',
        take_profits: [{ eta: '2025-01-01T05:00:00Z' }, {}, {}],
      },
    })
  }
  await keep({ timeframe: '12h', origin: 'late', barTimeMs: Date.UTC(2025, 0, 1) })
  t.match((await json('/api/predictions/BTCUSDT?timeframe=12h')).body, {
    prediction: { stop_loss: 41_747.328, timestamp: '2025-01-01T12:00:00Z', valid_until: '2025-01-01T12:30:00Z' },
  })
})

t.test('nothing to tell', async (t) => {
  const { keep, json } = await service(t)
  const none = { success: false, message: 'No symbols provided', predictions: {}, count: 0, warming_up: true, timestamp: now }
  t.strictSame(await json('/api/predictions'), { status: 200, body: none })
  t.strictSame(await json('/api/predictions?symbols='), { status: 200, body: none })
  t.strictSame(await json('/api/predictions?symbols=A,,B'), {
    status: 200,
    body: { success: true, predictions: {}, count: 0, warming_up: true, timestamp: now },
  })
  t.strictSame(await json('/api/predictions/nope?timeframe=7m&_=1'), {
    status: 200,
    body: { success: false, symbol: 'NOPE', message: 'No prediction available for NOPE 7m', prediction: null, timestamp: now },
  })
  t.strictSame(await json('/api/predictions/nope/summary'), { status: 200, body: { status: 'success', symbol: 'NOPE', summary: {} } })
  await keep()
  t.match(
    await json('/api/predictions'),
    { body: { success: true, count: 1, predictions: { BTCUSDT: long } } },
    'no word: all that there are',
  )
  await keep({ timeframe: '1h', barTimeMs: Date.UTC(2025, 0, 1, 11) })
  for (const query of ['timeframe=1H', 'timeframe=%201h', 'timeframe=1H&symbols=btcusdt'])
    t.match(
      await json(`/api/predictions?${query}`),
      { body: { success: true, count: 1, predictions: { BTCUSDT: { timeframe: '1h' } } } },
      query,
    )
  t.match(await json('/api/predictions?timeframe=7m'), { status: 200, body: none })
})

t.test('trap 24: what is not finite is no prediction, and neither is one without a price', async (t) => {
  const { keep, json } = await service(t)
  await keep({ yPred: Float64Array.of(Number.NaN, 0.5, 0.5) })
  await keep({ symbol: 'ETHUSDT', source: 'features' }, null)
  await keep({ symbol: 'SOLUSDT', model: 'of-yesterday' })
  t.match(await json('/api/predictions?symbols=BTCUSDT,ETHUSDT,SOLUSDT'), {
    status: 200,
    body: { success: true, count: 0, predictions: {} },
  })
  t.match(await json('/api/predictions/BTCUSDT'), { body: { success: false, prediction: null } })
})

t.test('the newest current prediction counts', async (t) => {
  const { keep, json } = await service(t)
  await keep({ barTimeMs: barTimeMs - barMs, yPred: Float64Array.of(1, 0, 0) })
  await keep({ yPred: Float64Array.of(0, 1, 0) })
  await keep({ yPred: Float64Array.of(0, 0.1, 0.9) }, 42_000)
  t.match(await json('/api/predictions/BTCUSDT'), { body: { prediction: { direction: 'LONG', confidence: 90 } } })
})

t.test('what was found is told again until something is stored', async (t) => {
  let asked = 0
  const { keep, json } = await service(t, {}, ({ store }) => ({
    store: {
      ...store,
      outcomes: {
        ...store.outcomes,
        scan: (...span) => {
          asked++
          return store.outcomes.scan(...span)
        },
      },
    },
  }))
  await keep()
  const first = await json('/api/predictions?symbols=BTCUSDT,NONE')
  t.match(first, { body: { count: 1 } })
  t.strictSame(await json('/api/predictions?symbols=BTCUSDT,NONE'), first)
  t.match(await json('/api/predictions/BTCUSDT'), { body: { prediction: long } })
  t.equal(asked, 1)
  await keep({ yPred: Float64Array.of(0.5, 0.25, 0.25) })
  t.match(await json('/api/predictions/BTCUSDT'), { body: { prediction: { direction: 'SHORT' } } })
  t.equal(asked, 2)
})

t.test('trap 21: the accuracy is measured on what is settled, 50 before there is enough', async (t) => {
  const { keep, json, store, parts } = await service(t)
  for (let k = 1; k <= 20; k++) await keep({ id: `old-${k}`, barTimeMs: barTimeMs - k * barMs })
  await keep()
  t.match(await json('/api/predictions/BTCUSDT'), { body: { prediction: { accuracy_estimate: 50 } } })
  const settled = (k: number) => ({
    ...{ predictionId: `old-${k}`, symbol: 'BTCUSDT', timeframe: '15m', model: 'signals', barTimeMs: barTimeMs - k * barMs },
    ...{ status: 'settled' as const, rule: 'classes', reason: null, entryClose: 1, exitClose: 1, realised: 0, error: null, hit: k <= 18 },
    ...{ covered: null, realisedClass: 2, drawdown: null, settledAtMs: nowMs },
  })
  // What the service settles of its own accord comes first.
  await parts.settler.idle()
  await store.outcomes.record(Array.from({ length: 20 }, (_, k) => settled(k + 1)))
  t.match(await json('/api/predictions/BTCUSDT'), { body: { prediction: { accuracy_estimate: 90 } } }, 'not cut to 85')
  await keep({ id: 'next', barTimeMs: barTimeMs + barMs })
  t.match(await json('/api/predictions/BTCUSDT'), { body: { prediction: { accuracy_estimate: 90 } } }, 'a new bar, nothing new settled')
  await store.outcomes.record([{ ...settled(1), hit: false }])
  t.match(await json('/api/predictions/BTCUSDT'), { body: { prediction: { accuracy_estimate: 85 } } }, 'an outcome that was corrected')
  await keep({ id: 'old-2-again', barTimeMs: barTimeMs - 2 * barMs })
  t.match(
    await json('/api/predictions/BTCUSDT'),
    { body: { prediction: { accuracy_estimate: (100 * 16) / 19 } } },
    'a prediction that is superseded counts no more',
  )
})

t.test('trap 23: a failure has the same body and the status of a failure', async (t) => {
  const broken = (store: Store): Store => ({
    ...store,
    lines: () => Promise.reject(new Problem('store-unavailable', 'the disk is full')),
  })
  const { json } = await service(t, {}, ({ store }) => ({ store: broken(store) }))
  t.strictSame(await json('/api/predictions?symbols=A'), {
    status: 503,
    body: { success: false, message: 'the disk is full', predictions: {}, count: 0, warming_up: true, timestamp: now },
  })
  t.strictSame(await json('/api/predictions/A'), {
    status: 503,
    body: { success: false, symbol: 'A', message: 'the disk is full', prediction: null, timestamp: now },
  })
  t.strictSame(await json('/api/predictions/A/summary'), { status: 503, body: { status: 'error', message: 'the disk is full' } })
  const failing = await service(t, {}, ({ store }) => ({ store: { ...store, lines: () => Promise.reject(new Error('secret path')) } }))
  t.match(await failing.json('/api/predictions/A'), { status: 500, body: { message: 'Internal error' } }, 'nothing of the inside')
  t.match(await failing.json(`/api/predictions?symbols=${Array.from({ length: 201 }, (_, k) => `S${k}`).join()}`), { status: 400 })
})

t.test('a network of its registry, from candles to the endpoint', { skip: noOnnxruntime }, async (t) => {
  const directory = emptyDirectory(t.testdir())
  addLayout(directory, 'crypto-bot')
  const { post, get } = await startService(t, { env: { BARCAST_MODELS: directory, BARCAST_ALLOW_UNSIGNED: 'true' }, nowMs: () => nowMs })
  const at = Array.from({ length: 360 }, (_, bar) => bar)
  const price = (bar: number) => 42_000 + 300 * Math.sin(bar / 9) + 100 * Math.sin(bar * 1.3)
  const candles = {
    timestamp: at.map((bar) => barTimeMs - (359 - bar) * barMs),
    open: at.map(price),
    high: at.map((bar) => Math.max(price(bar), price(bar + 1)) + 5),
    low: at.map((bar) => Math.min(price(bar), price(bar + 1)) - 5),
    close: at.map((bar) => price(bar + 1)),
    volume: at.map((bar) => 100 + (bar % 7)),
  }
  const made = await post({ model: 'crypto-bot.btcusdt.15m', candles })
  t.equal(made.statusCode, 201, made.body)
  const [{ y_pred }] = made.json<{ predictions: [{ y_pred: number[] }] }>().predictions
  t.match((await get('/api/predictions/BTCUSDT')).json(), {
    success: true,
    prediction: {
      direction: classes[y_pred.indexOf(Math.max(...y_pred))],
      confidence: Math.max(...y_pred) * 100,
      current_price: price(360),
      timestamp: '2025-01-01T12:20:00Z',
    },
  })
})

t.test('switched off there is nothing', async (t) => {
  const { json } = await service(t, { BARCAST_COMPAT: 'ml-layer-1' })
  t.match(await json('/api/predictions'), { status: 404, body: { code: 'not-found' } })
  t.equal((await json('/health')).status, 200)
})
