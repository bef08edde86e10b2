import t, { type Test } from 'tap'
import type { Performance, PerformanceBins } from '../../src/outcomes/performance-schema.js'
import { performanceBinsSchema, performanceSchema } from '../../src/outcomes/performance-schema.js'
import { outcomeHistorySchema } from '../../src/outcomes/schema.js'
import { realCandles } from '../candles/support/real-candles.js'
import { hourMs, prediction } from '../store/support/prediction.js'
import { startService } from '../support/service.js'
import { pickBars } from './support/keep-bars.js'
import { anyOutputs, kinds, randomFrom } from './support/kinds.js'

const series = { symbol: 'BTCUSDT', timeframe: '1h' }
/** 1,400 hours without a gap, over three months. */
const firstMs = Date.UTC(2024, 0, 20)
const nBars = 1_400
const nPredicted = 1_300

/** One for all tests: settling takes longer than asking. */
const { get, parts, frame } = await served(t)

t.test('GET /performance', async (t) => {
  const response = await get('/performance?window=100')
  t.equal(response.statusCode, 200)
  const { performance } = performanceSchema.parse(response.json())
  t.same(performance.map(({ model }) => model).sort(), Object.keys(kinds).sort())
  for (const one of performance) {
    const { counts, horizon_bars: h, output } = one
    t.equal(counts.predictions, nPredicted, one.model)
    const nPending = Math.max(0, nPredicted + h - nBars)
    t.equal(counts.pending, nPending)
    t.equal(output === 'score' ? counts.unsettleable : counts.settled, nPredicted - nPending)
    t.equal(one.n, counts.settled)
    t.equal(one.hits + one.misses + one.neither, one.quantile === null ? one.n : 0)
    if (output !== 'score') t.equal(one.effective_sample_size, Math.ceil(one.n / h), 'one per horizon')
    t.same(
      one.monthly.map(({ month }) => month),
      ['2024-01', '2024-02', '2024-03'],
    )
    for (const field of ['n', 'hits', 'misses', 'neither'] as const) {
      t.equal(
        one.monthly.reduce((sum, month) => sum + month[field], 0),
        one[field],
        `${field} by month`,
      )
    }
    t.equal(
      one.monthly.reduce((sum, month) => sum + month.counts.pending, 0),
      counts.pending,
    )
    t.ok(one.rolling.every(({ n }) => n === 100))
    t.equal(one.rolling.length, one.n < 100 ? 0 : Math.min(200, one.n - 99))
    if (one.n >= 100) t.equal(one.rolling.at(-1)?.to, one.to)
    t.equal(one.calibration.length, output === 'probability_up' ? 10 : 0)
    t.equal(
      one.classes.reduce((sum, { realised }) => sum + realised, 0),
      output === 'class_probabilities' ? one.n : 0,
    )
    if (one.quantile !== null) t.ok(one.pinball_loss! >= one.baseline.pinball_loss!, 'random quantiles are worse than the climatology')
  }
  const up = performance.find(({ model }) => model === 'up-24')!
  t.ok(up.brier! > up.baseline.brier!)
  t.notMatch(response.body, /NaN|Infinity/)
})

t.test('GET /performance of some', async (t) => {
  const from = firstMs + 100 * hourMs
  const to = firstMs + 199 * hourMs
  const { performance } = (
    await get(`/performance?model=logret-4&symbol=BTCUSDT&timeframe=1H&from=${from}&to=${to}&window=2d`)
  ).json<Performance>()
  t.equal(performance.length, 1)
  t.match(performance[0], { n: 100, from: new Date(from).toISOString(), to: new Date(to).toISOString() })
  t.ok(performance[0]!.rolling.every(({ n }) => n === 48))
  t.same((await get('/performance?model=none')).json<Performance>().performance, [])
  for (const query of ['window=0', 'window=1x', 'from=5', `from=${to}&to=${from}`, 'unknown=1', 'model=a&model=b']) {
    t.match((await get(`/performance?${query}`)).json(), { code: 'invalid-request' }, query)
  }
})

t.test('GET /performance as CSV: the months', async (t) => {
  const response = await get('/performance', { accept: 'text/csv' })
  const [header, ...lines] = response.body.trimEnd().split('\r\n')
  t.match(response.headers['content-type'], 'text/csv')
  t.equal(lines.length, 3 * Object.keys(kinds).length)
  t.match(header, /^model,symbol,timeframe,output,quantile,horizon_bars,month,predictions,pending,/)
  t.ok(lines.every((line) => line.split(',').length === header!.split(',').length))
  t.notMatch(response.body, /NaN|null/)
})

t.test('GET /performance/bins', async (t) => {
  const example = [1, 1, 1, 2, 3, 3, 4, 5, 5, 9]
  await parts.store.record(
    example.map((y, bar) =>
      prediction({
        id: `E${bar}`,
        ...series,
        model: 'example',
        barTimeMs: firstMs + (nBars - 12 + bar) * hourMs,
        horizonBars: 4,
        yPred: Float64Array.of(y),
      }),
    ),
  )
  const response = await get('/performance/bins?model=example&bins=4&assign=0,1,1.5,3,4.5,9,10,inf,-inf,nan')
  const answer = performanceBinsSchema.parse(response.json())
  t.same(answer.edges, [null, 1, 3, 5, 9])
  t.same(
    answer.bins.map(({ n }) => n),
    [3, 3, 3, 1],
    'by value: equal ones are in one bin',
  )
  t.same(
    answer.bins.map(({ count }) => count),
    [3, 2, 3, 2],
    'by rank',
  )
  t.same(
    answer.bins.map(({ n_settled }) => n_settled),
    [3, 3, 2, 0],
  )
  t.same(
    answer.bins.map(({ p_low }) => p_low),
    [1, 2, 3, 5],
  )
  t.same(
    answer.bins.map(({ p_high }) => p_high),
    [1, 3, 5, 9],
  )
  t.same(
    answer.bins.map(({ p_center }) => p_center),
    [1, 2.5, 4, 7],
  )
  t.equal(
    answer.calibration.reduce((sum, { n }) => sum + n, 0),
    8,
  )
  t.same(
    answer.assigned.map(({ bin }) => bin),
    [0, 0, 1, 1, 2, 3, 3, 3, 0, -1],
  )
  t.match((await get('/performance/bins?model=example&bins=4&assign=10&mode=error')).json(), {
    code: 'invalid-request',
    detail: /out-of-range/,
  })
  t.same((await get('/performance/bins?model=example&bins=4&assign=10&mode=ignore')).json<PerformanceBins>().assigned, [
    { value: 10, bin: -1 },
  ])
})

t.test('GET /performance/bins of every kind, and what it cannot answer', async (t) => {
  for (const [model, { output, thresholds }] of Object.entries(kinds)) {
    const response = await get(`/performance/bins?model=${model}`)
    const answer = performanceBinsSchema.parse(response.json())
    t.equal(answer.class, output === 'class_probabilities' ? thresholds.length : null)
    t.equal(
      answer.bins.reduce((sum, { n }) => sum + n, 0),
      nPredicted,
      model,
    )
    t.notMatch(response.body, /NaN|Infinity/)
  }
  const half = firstMs + 650 * hourMs
  const later = (await get(`/performance/bins?model=logret-4&bins=5&from=${half}&reference_to=${half - hourMs}`)).json<PerformanceBins>()
  t.equal(later.n, 650)
  const earlier = (await get(`/performance/bins?model=logret-4&bins=5&to=${half - hourMs}`)).json<PerformanceBins>()
  t.equal(earlier.n, 650)
  t.match((await get('/performance/bins?model=none')).json(), { code: 'not-found' })
  t.match((await get('/performance/bins')).json(), { code: 'invalid-request' })
  t.match((await get('/performance/bins?model=logret-4&class=1')).json(), { code: 'invalid-request', detail: /no classes/ })
  t.match((await get('/performance/bins?model=move-24&class=3')).json(), { code: 'invalid-request', detail: /classes are 0 to 2/ })
  t.match((await get('/performance/bins?model=move-24&class=0')).json(), { class: 0 })
  t.match((await get('/performance/bins?model=move-24&bins=1001')).json(), { code: 'invalid-request' })
})

t.test('GET /predictions/{id}/outcomes', async (t) => {
  const one = { id: `logret-4-${firstMs}`, barTimeMs: firstMs }
  const first = outcomeHistorySchema.parse((await get(`/predictions/${one.id}/outcomes`)).json())
  t.match(first, { outcomes: [{ status: 'settled', rule: 'log_return: ln C[t+h] - ln C[t]', reason: null }] })
  const bar = pickBars(frame, [4])
  await parts.store.candles.keep(series, { ...bar, close: bar.close.map((close) => close - 0.01) }, Date.now())
  await parts.settler.idle()
  const { outcomes } = outcomeHistorySchema.parse((await get(`/predictions/${one.id}/outcomes`)).json())
  t.equal(outcomes.length, 2)
  t.same(outcomes[0], first.outcomes[0])
  t.equal(outcomes[1]!.exit_close, bar.close[0]! - 0.01)
  t.same((await get(`/predictions/logret-168-${firstMs + (nPredicted - 1) * hourMs}/outcomes`)).json(), { outcomes: [] }, 'pending')
  t.match((await get('/predictions/NONE/outcomes')).json(), { code: 'not-found' })
  t.match((await get('/metrics')).body, /outcomes_total\{status="settled"\} \d+/)
})

/** A service with real candles, and predictions of every kind from the first 1,300 of them; all is settled. */
async function served(t: Test) {
  const service = await startService(t, { atOnce: true })
  const { store, settler } = service.parts
  const all = realCandles()
  const first = all.openTimeMs.indexOf(firstMs)
  const frame = pickBars(
    all,
    Array.from({ length: nBars }, (_, bar) => first + bar),
  )
  await store.candles.keep(series, frame, Date.now())
  const random = randomFrom(7)
  await store.record(
    Array.from(frame.openTimeMs.subarray(0, nPredicted)).flatMap((barTimeMs) =>
      Object.entries(kinds).map(([model, kind]) => {
        const yPred = anyOutputs(kind, random)
        return prediction({ id: `${model}-${barTimeMs}`, ...series, model, ...kind, barTimeMs, yPred, yRaw: yPred })
      }),
    ),
  )
  await settler.idle()
  return { ...service, frame }
}
