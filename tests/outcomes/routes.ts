import t, { type Test } from 'tap'
import type { Performance, PerformanceBins } from '../../src/outcomes/performance-schema.js'
import { performanceBinsSchema, performanceSchema } from '../../src/outcomes/performance-schema.js'
import { type Promotion, promotionSchema } from '../../src/outcomes/promotion-schema.js'
import { outcomeHistorySchema } from '../../src/outcomes/schema.js'
import { realCandles } from '../candles/support/real-candles.js'
import { hourMs, prediction } from '../store/support/prediction.js'
import { startService } from '../support/service.js'
import { pickBars } from './support/keep-bars.js'
import { anyOutputs, kinds, randomFrom } from './support/kinds.js'
import { plainOutcome } from './support/plain-outcome.js'

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
  const fine = (await get(`/performance?model=logret-4&from=${from + 0.001}&to=${to - 0.001}`)).json<Performance>().performance
  t.match(fine, [{ n: 98, from: new Date(from + hourMs).toISOString(), to: new Date(to - hourMs).toISOString() }], 'microseconds')
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
  const fine = `from=${half - 0.5}&reference_from=${firstMs + 0.5}&reference_to=${half - 0.5}`
  t.match((await get(`/performance/bins?model=logret-4&bins=5&${fine}`)).json(), { n: 650 }, 'times finer than a millisecond')
  t.match((await get(`/performance/bins?model=logret-4&reference_from=${half}&reference_to=${half - hourMs}`)).json(), {
    errors: [{ pointer: 'reference_from' }],
  })
  t.match((await get('/performance/bins?model=none')).json(), { code: 'not-found' })
  t.match((await get('/performance/bins')).json(), { code: 'invalid-request' })
  t.match((await get('/performance/bins?model=logret-4&class=1')).json(), { code: 'invalid-request', detail: /no classes/ })
  t.match((await get('/performance/bins?model=move-24&class=3')).json(), { code: 'invalid-request', detail: /classes are 0 to 2/ })
  t.match((await get('/performance/bins?model=move-24&class=0')).json(), { class: 0 })
  t.match((await get('/performance/bins?model=move-24&bins=1001')).json(), { code: 'invalid-request' })
})

t.test('classes have names while their model is there', async (t) => {
  await parts.registry.loaded
  const thresholds = Float64Array.of(-0.01, 0.01)
  const [model, changed] = ['btcusdt-move-24h', 'crypto-up-4h']
  const random = randomFrom(11)
  const record = (model: string, bounds: Float64Array) =>
    Array.from(frame.openTimeMs.subarray(0, 50), (barTimeMs) => {
      const yPred = Float64Array.from({ length: 3 }, random)
      const meaning = { output: 'class_probabilities', horizonBars: 24, quantile: null, thresholds: bounds }
      return prediction({ id: `named-${model}-${barTimeMs}`, ...series, model, ...meaning, barTimeMs, yPred, yRaw: yPred })
    })
  await parts.store.record([...record(model, thresholds), ...record(changed, thresholds)])
  const namesOf = async (model: string) => {
    const { performance } = performanceSchema.parse((await get(`/performance?model=${model}`)).json())
    return performance[0]!.classes.map(({ class: k, name }) => [k, name])
  }
  const { classes } = (await get(`/models/${model}`)).json<{ classes: string[] }>()
  t.same(
    await namesOf(model),
    classes.map((name, k) => [k, name]),
  )
  t.same(
    (await namesOf(changed)).map(([, name]) => name),
    [null, null, null],
    'the model of that name has no such classes',
  )
  const binsOf = async (model: string, k: string) =>
    (await get(`/performance/bins?model=${model}&bins=5&class=${k}`)).json<PerformanceBins>()
  for (const [k, name] of classes.entries()) {
    const byName = performanceBinsSchema.parse(await binsOf(model, name))
    t.match(byName, { class: k, class_name: name })
    t.same(await binsOf(model, String(k)), byName)
  }
  t.match(await binsOf(changed, '1'), { class: 1, class_name: null })
  t.match(await binsOf(changed, 'up'), { code: 'invalid-request', detail: /0 to 2; their names are not known/ })
  t.match(await binsOf(model, 'sideways'), { code: 'invalid-request', detail: /0 to 2: down, flat, up/ })
  t.match(await binsOf(model, '3'), { code: 'invalid-request' })
  t.match(await binsOf('logret-4', 'up'), { code: 'invalid-request', detail: /no classes/ })
})

const promotionOf = async (query: string) => (await get(`/performance/promotion?${query}`)).json<Promotion>()

t.test('GET /performance/promotion: as it is counted bar by bar', async (t) => {
  const bars = new Map(
    Array.from(frame.openTimeMs, (ms, k) => [ms, { high: frame.high[k]!, low: frame.low[k]!, close: frame.close[k]! }] as const),
  )
  const [champion, challenger] = ['return-24', 'up-24']
  const nSettled = nBars - 24
  for (const [hours, to] of [
    [24, nPredicted - 1],
    [500, nPredicted - 1],
    [120, 700],
  ] as const) {
    const answer = promotionSchema.parse(
      await promotionOf(`champion=${champion}&challenger=${challenger}&hours=${hours}&min_improvement=0.02&to=${firstMs + to * hourMs}`),
    )
    const last = Math.min(to, nSettled - 1)
    const compared = Array.from({ length: hours }, (_, k) => firstMs + (last - hours + 1 + k) * hourMs)
    const hitsOf = async (model: string) => {
      const from = compared[0]!
      const { predictions } = (await get(`/predictions?model=${model}&order=asc&limit=10000&from=${from}&to=${compared.at(-1)}`)).json<{
        predictions: { bar_time: string; y_pred: number }[]
      }>()
      return predictions.map(({ bar_time, y_pred }) => {
        const barTimeMs = Date.parse(bar_time)
        return plainOutcome({ ...kinds[model]!, barTimeMs, yPred: Float64Array.of(y_pred) }, bars, hourMs).hit
      })
    }
    const [old, young] = [await hitsOf(champion), await hitsOf(challenger)]
    t.equal(old.length, hours)
    const rate = (hits: typeof old) => hits.filter((hit) => hit === true).length / hits.filter((hit) => hit !== null).length
    const improvement = rate(young) - rate(old)
    const both = old.flatMap((hit, k) => (hit === null || young[k] === null ? [] : [Number(young[k]) - Number(hit)]))
    const mean = both.reduce((sum, value) => sum + value, 0) / both.length
    const nEffective = Math.ceil(hours / 24)
    const deviation = Math.sqrt(both.reduce((sum, value) => sum + (value - mean) ** 2, 0) / both.length / nEffective)
    t.match(answer, {
      promote: improvement > 0.02,
      decided: true,
      reason: null,
      symbol: 'BTCUSDT',
      timeframe: '1h',
      horizon_bars: 24,
      min_bars: hours / 2,
      from: new Date(compared[0]!).toISOString(),
      to: new Date(compared.at(-1)!).toISOString(),
      bars: hours,
      effective_sample_size: nEffective,
      champion: { model: champion, output: 'return', settled: hours, hits: old.filter((hit) => hit === true).length, hit_rate: rate(old) },
      challenger: {
        ...{ model: challenger, output: 'probability_up', settled: hours, hit_rate: rate(young) },
        neither: young.filter((hit) => hit === null).length,
      },
    })
    t.ok(Math.abs(answer.improvement! - improvement) < 1e-15)
    t.ok(Math.abs(answer.improvement_standard_error! - deviation) < 1e-12)
  }
})

t.test('GET /performance/promotion: when it says yes, no, and that it cannot tell', async (t) => {
  // Hours before the newest one that settles, by model: whether the prediction is right.
  const newest = nBars - 2
  const rise = (bar: number) => Math.sign(frame.close[bar + 1]! - frame.close[bar]!)
  const record = (model: string, ages: readonly number[], isRight: (age: number) => boolean, symbol = series.symbol) =>
    parts.store.record(
      ages.map((age) => {
        const [barTimeMs, y] = [firstMs + (newest - age) * hourMs, (isRight(age) ? 0.01 : -0.01) * rise(newest - age)]
        const yPred = Float64Array.of(y)
        return prediction({ id: `${model}-${symbol}-${age}`, ...series, symbol, model, horizonBars: 1, barTimeMs, yPred, yRaw: yPred })
      }),
    )
  const hoursAgo = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, k) => from - k)
  await record('old', hoursAgo(200, 0), (age) => age % 2 === 0)
  await record('young', hoursAgo(40, 0), (age) => age % 2 === 0 || age === 1)
  await record('rare', [100, 50, ...hoursAgo(5, 0)], () => true)
  await record('early', hoursAgo(200, 150), () => true)
  const of = (challenger: string, more = '') => promotionOf(`champion=old&challenger=${challenger}${more}`)

  // 12 of 24 against 13 of 24.
  const yes = promotionSchema.parse(await of('young'))
  t.match(yes, { promote: true, decided: true, bars: 24, hours: 24, min_improvement: 0.005, effective_sample_size: 24 })
  t.match(yes, { champion: { hits: 12, misses: 12, hit_rate: 0.5 }, challenger: { hits: 13, misses: 11, hit_rate: 13 / 24 } })
  t.match(yes, { detail: /over 24 bars .* 4.16667 points higher, which is more than 0.5$/, rule: /more than 0.005 .* 24 hours/ })
  t.match(await of('young', '&min_improvement=0.05'), { promote: false, decided: true, detail: /it takes more than 5$/ })
  t.match(
    await of('young', '&hours=20&min_improvement=0.05'),
    { promote: false, decided: true, improvement: 11 / 20 - 0.5 },
    'equal is not more',
  )
  t.match(await of('young', '&hours=20&min_improvement=0.0499'), { promote: true })
  t.match(await of('young', '&hours=4&min_improvement=0.02'), { promote: true, bars: 4, challenger: { hits: 3 } })
  t.match(await promotionOf('champion=young&challenger=old'), { promote: false, decided: true, detail: /4.16667 points lower/ })

  t.match(await of('young', '&hours=41'), { decided: true, bars: 41 })
  t.match(await of('young', '&hours=42'), { promote: false, decided: false, reason: 'too-short', bars: 41, detail: /42 hours/ })
  const before = `&to=${firstMs + (newest - 30) * hourMs}`
  t.match(await of('young', before), { reason: 'too-short', bars: 11 })
  t.match(await of('young', `${before}.5`), { reason: 'too-short', bars: 11 })
  t.match(await of('young', `&to=${firstMs + (newest - 30) * hourMs - 0.5}`), { reason: 'too-short', bars: 10 })
  t.match(await of('rare'), { promote: false, decided: false, reason: 'too-few-bars', bars: 6, min_bars: 12, champion: { settled: 24 } })
  t.match(await of('rare', '&min_bars=6'), { promote: true, decided: true, challenger: { settled: 6, hit_rate: 1 } })
  t.match(await promotionOf('champion=early&challenger=young'), {
    ...{ promote: false, decided: false, reason: 'no-bars-in-common', bars: 0, from: null, to: null },
    ...{ improvement: null, improvement_standard_error: null, champion: { settled: 0, hit_rate: null } },
  })
  t.match(await promotionOf('champion=up-24&challenger=return-24&hours=1'), { bars: 1, min_bars: 1 })
  const sure = (model: string, ages: readonly number[], p: (age: number) => number) =>
    parts.store.record(
      ages.map((age) => {
        const meaning = { model, output: 'probability_up', horizonBars: 1, yPred: Float64Array.of(p(age)) }
        return prediction({ id: `${model}-sure-${age}`, ...series, barTimeMs: firstMs + (newest - age) * hourMs, ...meaning })
      }),
    )
  await sure('unsure', hoursAgo(30, 0), () => 0.5)
  t.match(await of('unsure'), {
    promote: false,
    decided: false,
    reason: 'no-hit-rate',
    bars: 24,
    challenger: { neither: 24, hit_rate: null },
  })
  await record('turned', hoursAgo(200, 100), () => false)
  await sure('turned', hoursAgo(40, 0), (age) => (rise(newest - age) > 0 ? 0.9 : 0.1))
  t.match(await of('turned'), { promote: true, improvement: 0.5, challenger: { output: 'probability_up' } }, 'what it says now counts')

  const problem = async (query: string, expected: object) => t.match(await promotionOf(query), expected, query)
  await problem('champion=old', { code: 'invalid-request', errors: [{ pointer: 'challenger' }] })
  await problem('champion=old&challenger=old', { code: 'invalid-request', detail: /the champion itself/ })
  await problem('champion=old&challenger=nobody', { code: 'not-found', detail: /no prediction of nobody/ })
  await problem('champion=old&challenger=young&symbol=ETHUSDT', { code: 'not-found' })
  await problem('champion=old&challenger=up-24', {
    code: 'invalid-request',
    detail: /1 bars ahead\) and of up-24 \(probability_up, 24 bars/,
  })
  await problem('champion=return-24&challenger=q05-24', { code: 'invalid-request', detail: /quantile 0.05.* cannot be compared/ })
  await problem('champion=up-24&challenger=move-24', { code: 'invalid-request', detail: /bounds -0.01,0.01/ })
  await problem('champion=logret-4&challenger=score-4', { code: 'invalid-request' })
  for (const wrong of [
    'hours=0',
    'hours=1.5',
    'min_improvement=1',
    'min_improvement=-0.1',
    'min_improvement=x',
    'min_bars=0',
    'to=1',
    'window=1',
  ]) {
    await problem(`champion=old&challenger=young&${wrong}`, { code: 'invalid-request' })
  }
  await record('elsewhere', [3, 2, 1], () => true, 'ETHUSDT')
  await problem('champion=old&challenger=elsewhere', { code: 'invalid-request', detail: /old predicts BTCUSDT 1h, elsewhere ETHUSDT 1h/ })
  await record('young', [3, 2, 1], () => true, 'ETHUSDT')
  await record('old', [3, 2, 1], () => true, 'ETHUSDT')
  await problem('champion=old&challenger=young', {
    code: 'invalid-request',
    errors: [{ pointer: 'symbol' }],
    detail: /BTCUSDT 1h, ETHUSDT 1h/,
  })
  t.match(await of('young', '&symbol=BTCUSDT&timeframe=1H'), { promote: true })
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
