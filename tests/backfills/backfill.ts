import t from 'tap'
import type { BackfillAnswer } from '../../src/backfills/schema.js'
import type { Prediction } from '../../src/predictions/schema.js'
import { endingAt, mapColumns, readBtcusdt } from '../support/btcusdt.js'
import { runJob } from '../support/jobs.js'
import { type Service, startService } from '../support/service.js'

const hourMs = 3_600_000
const model = 'btcusdt-logret-168h'
const others = ['btcusdt-up-24h', 'btcusdt-move-24h']
const all = readBtcusdt()
const lastMs = Date.parse('2024-05-01T00:00:00Z')
const windowBars = 726
/** 200 bars with a window, 20 without. */
const candles = endingAt(all, lastMs, windowBars - 1 + 200)
const firstMs = candles.timestamp[0]!

async function sendCandles(service: Service, columns = candles): Promise<void> {
  const payload = { symbol: 'BTCUSDT', timeframe: '1h', candles: columns }
  const { statusCode, body } = await service.app.inject({ method: 'POST', url: '/candles', payload })
  if (statusCode >= 300) throw new Error(body)
}

async function listed(service: Service, query = ''): Promise<Prediction[]> {
  return (await service.get(`/predictions?order=asc&limit=10000${query}`)).json<{ predictions: Prediction[] }>().predictions
}

t.test('backfill = online, bit for bit', async (t) => {
  const service = await startService(t)
  await sendCandles(service)
  const body = { models: [model, ...others], mode: 'window', from: lastMs - 199 * hourMs, to: lastMs }
  const job = await runJob<BackfillAnswer>(service.app, '/backfills', body)
  t.match(job, {
    state: 'done',
    result: { planned: 600, written: 600, known: 0, skipped: 0 },
    progress: { done: 600, through: new Date(lastMs).toISOString() },
  })

  const online = await startService(t)
  const backfilled = await listed(service)
  t.equal(backfilled.length, 600)
  t.ok(backfilled.every(({ origin }) => origin === 'backfill'))
  for (let bar = 0; bar < 200; bar += 9) {
    const barMs = lastMs - (199 - bar) * hourMs
    const response = await online.post({ models: [model, ...others], symbol: 'BTCUSDT', candles: endingAt(all, barMs, windowBars) })
    for (const one of response.json<{ predictions: Prediction[] }>().predictions) {
      const same = backfilled.find(({ id }) => id === one.id)
      const bits = ({ y_raw, y_pred, features, input }: Prediction) => ({ y_raw, y_pred, features, hash: input.hash })
      t.strictSame(same && bits(same), bits(one), `${one.bar_time} ${one.model.name}`)
    }
  }
})

t.test('again: nothing is computed, nothing written; what was there keeps its origin', async (t) => {
  const service = await startService(t)
  const live = await service.post({ model, candles: endingAt(all, lastMs - 5 * hourMs, windowBars) })
  t.equal(live.statusCode, 201)
  const made = live.json<{ predictions: Prediction[] }>().predictions[0]!
  await sendCandles(service)
  const body = { model, mode: 'window', from: lastMs - 9 * hourMs, to: lastMs }
  const first = await runJob<BackfillAnswer>(service.app, '/backfills', body)
  t.match(first.result, { planned: 10, written: 9, known: 1 })
  const second = await runJob<BackfillAnswer>(service.app, '/backfills', body)
  t.match(second.result, { planned: 10, written: 0, known: 10 })
  t.strictSame(
    (await listed(service)).map(({ origin }) => origin),
    [...Array<string>(4).fill('backfill'), 'late', ...Array<string>(5).fill('backfill')],
  )
  t.equal((await service.get(`/predictions/${made.id}`)).json<Prediction>().origin, 'late')
})

t.test('bars without a whole window are skipped with the reason, and recorded', async (t) => {
  const service = await startService(t)
  const hole = candles.timestamp.length - 50
  await sendCandles(
    service,
    mapColumns(candles, (values) => values.toSpliced(hole, 1)),
  )
  const { result, id } = await runJob<BackfillAnswer>(service.app, '/backfills', { model, mode: 'window', from: firstMs, to: lastMs })
  t.match(result, { planned: 924, written: 150, skipped: 774, reasons: { 'not-enough-history': 725, gap: 49 } })
  const lines = (await service.get(`/backfills/${id}/lines?limit=10000`)).json<{
    lines: { result: string; reason?: string }[]
    ended: boolean
  }>()
  t.equal(lines.ended, true)
  t.equal(lines.lines.length, 924)
  t.equal(lines.lines.filter(({ reason }) => reason === 'gap').length, 49)
  const series = { symbol: 'BTCUSDT', timeframe: '1h', model }
  const absences = await service.parts.store.log.listAbsences({ ...series, fromMs: lastMs - 48 * hourMs, toMs: lastMs })
  t.equal(absences.length, 49)
  t.ok(absences.every(({ reason, detail }) => reason === 'gap' && detail.includes('missing inside the window')))
})

t.test('a revised candle makes the bars whose windows hold it be predicted again', async (t) => {
  const service = await startService(t)
  await sendCandles(service)
  const body = { model, mode: 'window', from: lastMs - 9 * hourMs, to: lastMs }
  await runJob(service.app, '/backfills', body)
  const changed = endingAt(all, lastMs, 4)
  await sendCandles(
    service,
    mapColumns(changed, (values, name) => (name === 'volume' ? values.with(0, values[0]! + 1) : values)),
  )
  t.match((await runJob<BackfillAnswer>(service.app, '/backfills', body)).result, { planned: 10, written: 4, known: 6 })
  t.equal((await listed(service, '&history=all')).length, 14)
})

t.test('after the newest prediction', async (t) => {
  const nowMs = () => lastMs + hourMs + 60_000
  const service = await startService(t, { nowMs })
  await sendCandles(service)
  const first = await runJob<BackfillAnswer>(service.app, '/backfills', { model })
  t.match(first, { mode: 'last_from_predictions', models: [{ model, bars: 48 }], result: { written: 48 } })
  t.match(first.notes, [/no stored prediction/])
  const again = await runJob<BackfillAnswer>(service.app, '/backfills', { model })
  t.match(again, { models: [{ model, bars: 0, from: null, to: null }], result: { planned: 0, written: 0 } })
  const more = await runJob<BackfillAnswer>(service.app, '/backfills', { models: [model, others[0]], at_most: 3 })
  t.strictSame(
    more.models.map(({ bars }) => bars),
    [0, 3],
  )
})

t.test('a dry run says which bars, and does nothing', async (t) => {
  const service = await startService(t)
  await sendCandles(service)
  const revision = await service.parts.store.revision()
  const payload = { model, mode: 'ts_list', timestamps: [lastMs, '2024-04-30T05:00:00+02:00', '2030-01-01'], dry_run: true }
  const response = await service.app.inject({ method: 'POST', url: '/backfills', payload })
  t.equal(response.statusCode, 200)
  t.match(response.json(), { dry_run: true, models: [{ bars: 2, timestamps: ['2024-04-30T03:00:00.000Z', '2024-05-01T00:00:00.000Z'] }] })
  t.equal(await service.parts.store.revision(), revision)
  t.strictSame((await service.get('/backfills')).json(), { backfills: [] })
})

t.test('what cannot be meant is refused', async (t) => {
  const service = await startService(t)
  const cases: [object, number, string][] = [
    [{ model: 'no-such' }, 404, 'unknown-model'],
    [{ model, mode: 'sideways' }, 400, 'invalid-request'],
    [{ model, mode: 'window', from: lastMs, to: firstMs }, 400, 'invalid-request'],
    [{ model, mode: 'window', timestamps: [lastMs] }, 400, 'invalid-request'],
    [{ model, mode: 'ts_list' }, 400, 'invalid-request'],
    [{ model, mode: 'ts_list', timestamps: ['yesterday'] }, 400, 'invalid-request'],
    [{ model, from: lastMs }, 400, 'invalid-request'],
    [{ model, symbol: 'ETHUSDT' }, 422, 'symbol-mismatch'],
    [{ model, unknown: 1 }, 400, 'invalid-request'],
  ]
  for (const [payload, status, code] of cases) {
    const response = await service.app.inject({ method: 'POST', url: '/backfills', payload })
    t.equal(response.statusCode, status, JSON.stringify(payload))
    t.equal(response.json<{ code: string }>().code, code)
  }
  t.equal((await service.get('/backfills/none')).statusCode, 404)
  t.equal((await service.app.inject({ method: 'DELETE', url: '/backfills/none' })).statusCode, 404)
})

t.test('a job that is cancelled stops, and what it did stays', async (t) => {
  const service = await startService(t)
  await sendCandles(service)
  const begin = async (payload: object) => (await service.app.inject({ method: 'POST', url: '/backfills', payload })).json<BackfillAnswer>()
  const body = { model, mode: 'window', from: firstMs, to: lastMs }
  const running = await begin(body)
  const waiting = await begin(body)
  const stopped = await service.app.inject({ method: 'DELETE', url: `/backfills/${waiting.id}` })
  t.match(stopped.json(), { id: waiting.id, state: 'cancelled', result: null })
  const cancelled = await service.app.inject({ method: 'POST', url: `/backfills/${running.id}/cancel` })
  t.match(cancelled.json(), { id: running.id, state: /cancelled|done/ })
  t.match((await service.get(`/backfills/${running.id}`)).json(), { state: cancelled.json<BackfillAnswer>().state })
  t.match((await runJob<BackfillAnswer>(service.app, '/backfills', body)).result, { planned: 925, skipped: 725 })
  t.equal((await listed(service)).length, 200)
})

t.test('a window that begins between two milliseconds has every bar behind its beginning', async (t) => {
  const service = await startService(t)
  // More than are read at once.
  const nBars = 50_002
  const column = (value: number) => new Float64Array(nBars).fill(value)
  const openTimeMs = Float64Array.from({ length: nBars }, (_, bar) => lastMs - (nBars - 1 - bar) * hourMs)
  const prices = { open: column(1), high: column(1), low: column(1), close: column(1), volume: column(1) }
  await service.parts.store.candles.keep({ symbol: 'BTCUSDT', timeframe: '1h' }, { nBars, openTimeMs, ...prices }, Date.now())
  const payload = { model, mode: 'window', from: openTimeMs[0]! + 0.5, to: lastMs + 0.5, dry_run: true }
  const response = await service.app.inject({ method: 'POST', url: '/backfills', payload })
  const [planned] = response.json<{ models: { bars: number; from: string; to: string }[] }>().models
  const ends = [new Date(openTimeMs[1]!).toISOString(), new Date(lastMs).toISOString()]
  t.strictSame([planned?.bars, planned?.from, planned?.to], [nBars - 1, ...ends])
})
