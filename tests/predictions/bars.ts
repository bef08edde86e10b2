import fc from 'fast-check'
import t from 'tap'
import type { Frame } from '../../src/candles/frame.js'
import { chooseBars } from '../../src/predictions/choose-bars.js'
import type { Prediction } from '../../src/predictions/schema.js'
import { predictedSchema } from '../../src/predictions/schema.js'
import { endingAt, readBtcusdt, toCsvText } from '../support/btcusdt.js'
import { type Service, startService } from '../support/service.js'

const hourMs = 3_600_000
const model = 'btcusdt-logret-168h'
const all = readBtcusdt()
const lastMs = Date.UTC(2025, 8, 29, 22)
const candles = endingAt(all, lastMs, 800)
const nowMs = () => Date.UTC(2025, 9, 1)
const iso = (ms: number) => new Date(ms).toISOString()

const none = new Float64Array(0)
const emptyFrame: Frame = { nBars: 0, openTimeMs: none, open: none, high: none, low: none, close: none, volume: none }

interface Predicted {
  predictions: Prediction[]
  skipped?: { model: string; bar_time: string; code: string; detail: string }[]
}

async function ask(service: Service, body: object, query = ''): Promise<Predicted & { status: number }> {
  const response = await service.post(body, query)
  if (response.statusCode >= 300) throw new Error(response.body)
  const answer = response.json<Predicted>()
  t.ok(predictedSchema.safeParse(answer).success, 'as documented')
  return { ...answer, status: response.statusCode }
}

/** What a prediction says of its bar, however it was asked for. */
const essence = ({ input: { submitted: _, ...input }, created_at: __, origin: ___, ...rest }: Prediction) => ({ ...rest, input })

t.test('a range of sent candles: each bar as alone, bars without a window are listed', async (t) => {
  const service = await startService(t, { nowMs })
  const { predictions, skipped, status } = await ask(service, { model, candles, bars: { from: iso(lastMs - 79 * hourMs) } })
  t.equal(status, 201)
  t.equal(predictions.length, 75)
  t.equal(predictions[0]!.bar_time, iso(lastMs - 74 * hourMs), 'oldest first')
  t.same(
    skipped?.map(({ bar_time, code }) => [bar_time, code]),
    [79, 78, 77, 76, 75].map((back) => [iso(lastMs - back * hourMs), 'not-enough-history']),
  )
  for (const back of [0, 1, 40, 74]) {
    const alone = await ask(service, { model, candles: endingAt(all, lastMs - back * hourMs, 726) })
    t.equal(alone.status, 200, 'stored already')
    t.same(alone.predictions, [predictions[74 - back]])
  }
  const again = await ask(service, { model, candles, bars: { from: lastMs - 79 * hourMs, to: lastMs } })
  t.equal(again.status, 200)
  t.same(again.predictions, predictions)
  t.equal((await service.get('/predictions?limit=1000')).json<Predicted>().predictions.length, 75)
})

t.test('without candles the stored ones are used, and give the same', async (t) => {
  const service = await startService(t, { nowMs })
  const refused = async (body: object) => (await service.post(body)).json<Record<string, unknown>>()
  t.match(await refused({ model }), {
    code: 'not-enough-history',
    detail: /no 1h candles of BTCUSDT are stored; send 726/,
    bars_needed: 726,
  })
  await ask(service, { model, candles })
  const many = [model, 'btcusdt-move-24h', 'crypto-up-4h']
  const sent = await ask(service, { models: many, candles, bars: { from: lastMs - 30 * hourMs, to: lastMs } }, '?store=false')
  const stored = await ask(service, { models: many, bars: { from: lastMs - 30 * hourMs } }, '?store=false')
  t.same(stored.predictions.map(essence), sent.predictions.map(essence))
  t.ok(stored.predictions.every(({ input }) => input.submitted === 0 && input.source === 'candles'))
  t.equal(stored.predictions.length, 93)
  const newest = await ask(service, { model })
  t.equal(newest.predictions[0]?.bar_time, iso(lastMs))
  t.equal(newest.status, 200)
  t.equal((await ask(service, { model, bars: 'last' })).predictions[0]?.id, newest.predictions[0]?.id)

  t.match(await refused({ model, bars: { from: lastMs + hourMs } }), {
    code: 'not-enough-history',
    detail: /in the range that is asked for; stored are/,
  })
  t.match(await refused({ model, bars: { to: lastMs - 750 * hourMs } }), {
    code: 'not-enough-history',
    bar_time: iso(lastMs - 750 * hourMs),
    models: [model],
  })
  t.match(await refused({ model: 'crypto-up-4h', symbol: 'ETHUSDT' }), { code: 'not-enough-history', detail: /no 1h candles of ETHUSDT/ })
})

t.test('named bars: all of them, or none', async (t) => {
  const service = await startService(t, { nowMs })
  await ask(service, { model, candles: endingAt(all, lastMs, 5_000) })
  const times = [lastMs - 4_000 * hourMs, lastMs, lastMs - 3_999 * hourMs, lastMs]
  for (const given of [undefined, endingAt(all, lastMs, 5_000)]) {
    const { predictions } = await ask(service, { model, bars: times.map(iso), ...(given && { candles: given }) })
    t.same(
      predictions.map(({ bar_time }) => bar_time),
      [times[0], times[2], lastMs].map((ms) => iso(ms!)),
      'each once, oldest first',
    )
  }
  const refused = async (bars: unknown, more: object = {}) => (await service.post({ model, bars, ...more })).json<Record<string, unknown>>()
  const before = (await service.get('/predictions?limit=1000')).json<Predicted>().predictions.length
  for (const more of [{}, { candles: endingAt(all, lastMs, 5_000) }]) {
    const tooEarly = lastMs - 4_500 * hourMs
    t.match(await refused([lastMs - 5 * hourMs, tooEarly], more), { code: 'not-enough-history', bar_time: iso(tooEarly), bars_needed: 726 })
    t.match(await refused([lastMs, lastMs + hourMs], more), { code: 'not-enough-history', bar_time: iso(lastMs + hourMs) })
    t.match(await refused([lastMs - 5_000 * hourMs], more), { code: 'not-enough-history', bar_time: iso(lastMs - 5_000 * hourMs) })
    t.match(await refused([lastMs, lastMs + 1], more), { code: 'invalid-request', errors: [{ pointer: '/bars/1', detail: /grid of 1h/ }] })
    t.match(await refused([nowMs()], more), {
      code: 'invalid-request',
      errors: [{ pointer: '/bars/0', detail: /has not closed yet, it closes at/ }],
    })
  }
  t.equal((await service.get('/predictions?limit=1000')).json<Predicted>().predictions.length, before, 'nothing of it was stored')
})

t.test('a missing candle', async (t) => {
  const gapMs = Date.UTC(2021, 7, 13, 6)
  const service = await startService(t, { nowMs })
  const last = gapMs + 1_000 * hourMs
  const frame = endingAt(all, last, 2_000)
  t.notOk(frame.timestamp.includes(gapMs - 2 * hourMs), 'the exchange was down')
  const { predictions, skipped } = await ask(service, { model, candles: frame, bars: { from: gapMs - 10 * hourMs, to: last } })
  t.ok(predictions.length > 200)
  t.ok(skipped!.length > 700 && skipped!.every(({ code }) => code === 'gap'))
  const fromStore = await ask(service, { model, bars: { from: gapMs - 10 * hourMs, to: last } })
  t.same([fromStore.predictions, fromStore.skipped], [predictions, skipped])
  const refused = async (bars: unknown) => (await service.post({ model, bars })).json<Record<string, unknown>>()
  t.match(await refused([gapMs - 2 * hourMs]), { code: 'gap', bar_time: iso(gapMs - 2 * hourMs), missing_bars: 1 })
  t.match(await refused([gapMs + 20 * hourMs]), { code: 'gap', bar_time: iso(gapMs + 20 * hourMs), models: [model] })
})

t.test('what bars may be', async (t) => {
  const service = await startService(t, { nowMs })
  await ask(service, { model, candles: endingAt(all, lastMs, 11_000) })
  const refused = async (bars: unknown, pointer: string, detail: RegExp, more: object = {}) => {
    const problem = (await service.post({ model, bars, ...more })).json<Record<string, unknown>>()
    t.match(problem, { code: 'invalid-request', errors: [{ pointer, detail }] }, JSON.stringify(bars)?.slice(0, 60))
  }
  await refused('first', '/bars', /"last", a list/)
  await refused(null, '/bars', /"last", a list/)
  await refused([], '/bars', /empty/)
  await refused({}, '/bars', /from or to/)
  await refused([lastMs, 'soon'], '/bars/1', /is no time/)
  await refused([1_700_000_000], '/bars/0', /it looks like seconds/)
  await refused({ from: lastMs, to: lastMs - 1 }, '/bars/from', /later than to/)
  await refused({ from: lastMs, until: 1 }, '/bars', /until/)
  await refused({ from: lastMs - 10_000 * hourMs }, '/bars', /at most 10000 predictions/)
  await refused({ from: lastMs - 10_000 * hourMs }, '/bars', /at most 10000 predictions/, { candles: endingAt(all, lastMs, 10_800) })
  await refused(
    Array.from({ length: 10_001 }, (_, k) => lastMs - k * hourMs),
    '/bars',
    /at most 10000/,
  )
  const models = [model, 'btcusdt-move-24h']
  const both = (await service.post({ models, bars: { from: lastMs - 5_000 * hourMs } })).json<Record<string, unknown>>()
  t.match(both, { code: 'invalid-request', errors: [{ pointer: '/bars', detail: /5001 bars of 2 models/ }] })
})

t.test('as CSV', async (t) => {
  const service = await startService(t, { nowMs })
  const post = (query: string) => service.post(toCsvText(candles), `?model=${model}&store=false${query}`, { 'content-type': 'text/csv' })
  t.equal((await post('&bars=last')).json<Predicted>().predictions.length, 1)
  t.equal((await post(`&from=${lastMs - 4 * hourMs}`)).json<Predicted>().predictions.length, 5)
  t.equal((await post(`&from=${lastMs - 4 * hourMs}&to=${iso(lastMs - hourMs)}`)).json<Predicted>().predictions.length, 4)
  t.equal((await post(`&to=${lastMs - hourMs}&origin=backfill`)).json<Predicted>().predictions[0]?.origin, 'backfill')
  t.match((await post(`&from=${lastMs}&to=${lastMs - hourMs}`)).json(), { errors: [{ pointer: 'from' }] })
  t.match((await post(`&bars=last&to=${lastMs}`)).json(), { errors: [{ pointer: 'bars' }] })
  t.match((await post('&bars=all')).json(), { errors: [{ pointer: 'bars' }] })
  const fine = `&from=${lastMs - 3 * hourMs + 0.5}&to=${iso(lastMs - 1).replace('999Z', '999999Z')}`
  t.same(
    (await post(fine)).json<Predicted>().predictions.map(({ bar_time }) => bar_time),
    [iso(lastMs - 2 * hourMs), iso(lastMs - hourMs)],
    'a microsecond before a bar is before it',
  )
  t.match((await post('&origin=live')).json(), { errors: [{ pointer: 'origin' }] })
  t.match((await service.post({ model, candles }, '?from=1')).json(), { code: 'invalid-request' })
})

t.test('accepted candles are kept, refused and unstored ones are not', async (t) => {
  const service = await startService(t, { nowMs: () => lastMs })
  const bars = async () => (await service.get('/candles/coverage')).json<{ coverage: { bars: number; last: string }[] }>().coverage
  await ask(service, { model, candles }, '?store=false')
  t.same(await bars(), [])
  t.equal((await service.post({ model, candles: endingAt(all, lastMs, 100) })).json<{ code: string }>().code, 'not-enough-history')
  t.same(await bars(), [])
  const { predictions } = await ask(service, { model, candles })
  t.match(await bars(), [{ symbol: 'BTCUSDT', timeframe: '1h', bars: 799, last: iso(lastMs - hourMs) }], 'closed ones only')
  t.equal(predictions[0]?.input.unfinished_dropped, 1)
})

t.test('rows that are filled in later say so, and the first to store one decides', async (t) => {
  const service = await startService(t, { nowMs: () => lastMs + hourMs })
  const origins = async (body: object) => (await ask(service, { model, candles, ...body })).predictions.map(({ origin }) => origin)
  t.same(await origins({ origin: 'backfill', bars: [lastMs - hourMs, lastMs] }), ['backfill', 'backfill'])
  t.same(await origins({ origin: 'catch-up', bars: [lastMs - 2 * hourMs] }), ['catch-up'])
  t.same(await origins({ bars: { from: lastMs - 3 * hourMs } }), ['late', 'catch-up', 'backfill', 'backfill'])
  t.match((await service.post({ model, candles, origin: 'live' })).json(), { code: 'invalid-request', errors: [{ pointer: '/origin' }] })
})

t.test('models that need other candles are left out of the bars that they lack', async (t) => {
  const service = await startService(t, { nowMs })
  const { predictions, skipped } = await ask(
    service,
    { candles, bars: { from: lastMs - 75 * hourMs, to: lastMs - 73 * hourMs } },
    '?store=false',
  )
  t.equal(predictions.length, 2 * 7)
  t.equal(skipped?.length, 7)
  t.ok(skipped!.every(({ bar_time }) => bar_time === iso(lastMs - 75 * hourMs)))
})

t.test('times finer than a millisecond, of sent and of stored candles', async (t) => {
  const service = await startService(t, { nowMs })
  const fine = (ms: number) => iso(ms - 1).replace('999Z', '999999Z')
  const bars = { from: iso(lastMs - 3 * hourMs).replace('000Z', '000001Z'), to: fine(lastMs) }
  const expected = [iso(lastMs - 2 * hourMs), iso(lastMs - hourMs)]
  for (const sent of [{ candles }, {}]) {
    const { predictions } = await ask(service, { model, bars, ...sent })
    t.same(
      predictions.map(({ bar_time }) => bar_time),
      expected,
    )
  }
  for (const sent of [{ candles }, {}]) {
    t.match((await service.post({ model, bars: [fine(lastMs)], ...sent })).json(), {
      code: 'invalid-request',
      errors: [{ pointer: '/bars/0', detail: `${fine(lastMs)} is not on the grid of 1h candles` }],
    })
    const between = { from: iso(lastMs).replace('000Z', '000001Z'), to: iso(lastMs).replace('000Z', '000002Z') }
    t.match((await service.post({ model, bars: between, ...sent })).json(), {
      code: 'not-enough-history',
      detail: /the range that is asked for/,
    })
  }
})

t.test('a range of a frame holds the bars between its ends, whatever they are', (t) => {
  const frame = { ...emptyFrame, nBars: 5, openTimeMs: Float64Array.from({ length: 5 }, (_, bar) => lastMs + bar * hourMs) }
  const time = fc.tuple(fc.nat(5), fc.constantFrom(0, 0.001, -0.001, 0.5, 1)).map(([bar, more]) => lastMs + bar * hourMs + more)
  const end = fc.option(time, { nil: undefined })
  fc.assert(
    fc.property(end, end, (fromMs, toMs) => {
      const plain = frame.openTimeMs.filter((ms) => (fromMs === undefined || ms >= fromMs) && (toMs === undefined || ms <= toMs))
      return (
        chooseBars(frame, { fromMs, toMs }, '1h', nowMs())
          .map((bar) => frame.openTimeMs[bar]! - lastMs)
          .join() === plain.map((ms) => ms - lastMs).join()
      )
    }),
  )
  t.pass()
  t.end()
})
