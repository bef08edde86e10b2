import t from 'tap'
import type { NewAbsence } from '../../src/store/log-store.js'
import { endingAt, readBtcusdt } from '../support/btcusdt.js'
import { copyModels, type Service, startService } from '../support/service.js'
import { appendFileSync } from 'node:fs'

const hourMs = 3_600_000
const model = 'btcusdt-logret-168h'
const open = 'crypto-up-4h'
const all = readBtcusdt()
const lastMs = Date.UTC(2025, 8, 29, 22)
const candles = endingAt(all, lastMs, 726)
const nowMs = () => lastMs + 2 * hourMs
const short = endingAt(all, lastMs, 100)

/** A bar in the middle of a gap's aftermath, and a frame that ends with it. */
const gapMs = Date.UTC(2021, 7, 13, 12)
const holed = endingAt(all, gapMs, 900)

async function recorded({ parts }: Service, name = model, symbol = 'BTCUSDT'): Promise<readonly NewAbsence[]> {
  return parts.store.log.listAbsences({ symbol, timeframe: '1h', model: name, fromMs: 0, toMs: 4e12 })
}

/** A service that counts the calls that add absences. */
async function start(env: Record<string, string> = {}) {
  const calls: number[] = []
  const service = await startService(t, {
    nowMs,
    env,
  })
  const { log } = service.parts.store
  const absences = log.absences.bind(log)
  Object.assign(log, {
    absences: (rows: readonly NewAbsence[]) => {
      calls.push(rows.length)
      return absences(rows)
    },
  })
  return { service, calls }
}

t.test('why a bar has no prediction is recorded, once', async (t) => {
  const { service, calls } = await start()
  for (let k = 0; k < 3; k++) {
    t.equal((await service.post({ model, candles: short })).statusCode, 422)
    t.equal((await service.post({ model, candles: holed })).statusCode, 422)
  }
  t.match(await recorded(service), [
    { barTimeMs: gapMs, reason: 'gap', detail: /missing inside the window/, recordedAtMs: nowMs() },
    { barTimeMs: lastMs, reason: 'not-enough-history', detail: /100 closed 1h candles were given/ },
  ])
  t.same(calls, [1, 1], 'a client that repeats a bad request costs nothing')
})

t.test('of a range that nothing can be made of, every bar has its reason', async (t) => {
  const { service, calls } = await start()
  const bars = { from: lastMs - 2 * hourMs, to: lastMs }
  for (let k = 0; k < 2; k++) t.match((await service.post({ model, candles: short, bars })).json(), { code: 'not-enough-history' })
  t.match(
    await recorded(service),
    [2, 1, 0].map((back) => ({ barTimeMs: lastMs - back * hourMs, reason: 'not-enough-history', detail: /726/ })),
  )
  t.same(calls, [3])
  const { rows } = (await service.get(`/predictions/series?model=${model}&limit=4`)).json<{ rows: { reason: string; detail: string }[] }>()
  t.match(
    rows.map(({ reason }) => reason),
    ['not-enough-history', 'not-enough-history', 'not-enough-history', 'no-candles'],
  )
})

t.test('candles that cannot be true, and features that do not fit, are a refusal', async (t) => {
  const { service } = await start()
  const bad = { ...candles, low: candles.low.map((low, bar) => (bar === 9 ? -low : low)) }
  t.equal((await service.post({ model, candles: bad })).json<{ code: string }>().code, 'bad-candle')
  t.match(await recorded(service), [{ barTimeMs: lastMs, reason: 'refused', detail: /low .* is not above 0/ }])
  const features = { columns: ['mine'], rows: [[1], [2]], timestamps: [lastMs, lastMs - hourMs] }
  t.equal((await service.post({ model, features })).json<{ code: string }>().code, 'feature-mismatch')
  t.match(await recorded(service), [
    { barTimeMs: lastMs - hourMs, reason: 'refused', detail: /features are missing/ },
    { barTimeMs: lastMs },
  ])
  t.equal((await recorded(service)).length, 2, 'one row per reason')
})

t.test('a model that is asked together with one that cannot answer', async (t) => {
  const service = await startService(t, { nowMs })
  await service.post({ models: [model, 'btcusdt-up-24h'], candles: short })
  t.match(await recorded(service, 'btcusdt-up-24h'), [{ reason: 'not-enough-history' }])
})

t.test('bars of a range that are left out', async (t) => {
  const { service } = await start()
  const response = await service.post({ model, candles: endingAt(all, lastMs, 728), bars: { from: lastMs - 4 * hourMs } })
  t.equal(response.statusCode, 201)
  t.match(await recorded(service), [
    { barTimeMs: lastMs - 4 * hourMs, reason: 'not-enough-history' },
    { barTimeMs: lastMs - 3 * hourMs, reason: 'not-enough-history' },
  ])
  t.equal((await recorded(service)).length, 2)
})

t.test('nothing is recorded', async (t) => {
  const { service } = await start()
  const ask = async (body: object, code: string, query = '') =>
    t.equal((await service.post(body, query)).json<{ code: string }>().code, code)
  await ask({ model, candles: short }, 'not-enough-history', '?store=false')
  await ask({ model, candles: { ...candles, close: 7 } }, 'invalid-request')
  await ask({ model, symbol: 'ETHUSDT', candles }, 'symbol-mismatch')
  await ask({ model, timeframe: '4h', candles }, 'timeframe-mismatch')
  await ask({ model: 'nope', candles: short }, 'unknown-model')
  await ask({ model }, 'not-enough-history')
  await ask({ model: open, symbol: 'NEVERSEEN', candles: short }, 'not-enough-history')
  t.same(await recorded(service), [])
  t.same(await recorded(service, open, 'NEVERSEEN'), [], 'any client can make up a symbol')
  await service.post({ model: open, symbol: 'SEEN', candles })
  await ask({ model: open, symbol: 'SEEN', candles: endingAt(all, lastMs - hourMs, 100) }, 'not-enough-history')
  t.match(await recorded(service, open, 'SEEN'), [{ barTimeMs: lastMs - hourMs, reason: 'not-enough-history' }])
})

t.test('a model that is not served', async (t) => {
  const directory = copyModels(t, [model, open])
  appendFileSync(`${directory}/${model}/model.txt`, ' ')
  const { service } = await start({ BARCAST_MODELS: directory })
  t.equal((await service.post({ model, candles })).json<{ code: string }>().code, 'model-unavailable')
  t.match(await recorded(service), [{ barTimeMs: lastMs, reason: 'model-unavailable', detail: /checksum/ }])
  await service.post({ model, symbol: 'ETHUSDT', candles })
  t.same(await recorded(service, model, 'ETHUSDT'), [], 'it would not answer for that market anyway')
})

t.test('a store that cannot record changes no answer', async (t) => {
  const service = await startService(t, { nowMs })
  Object.assign(service.parts.store.log, { absences: () => Promise.reject(new Error('disk full')) })
  const response = await service.post({ model, candles: short })
  t.equal(response.statusCode, 422)
  t.match(response.json(), { code: 'not-enough-history', bars_given: 100 })
})
