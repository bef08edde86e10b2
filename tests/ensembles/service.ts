import { join } from 'node:path'
import t, { type Test } from 'tap'
import { predictedSchema, type Prediction } from '../../src/predictions/schema.js'
import { endingAt, readBtcusdt } from '../support/btcusdt.js'
import { copyModels, type Service, startService, temporaryFolder } from '../support/service.js'
import { addCopy, addEnsemble } from './support/bundles.js'
import { foxmlBlend } from './support/foxml-blend.js'

const all = readBtcusdt()
const lastMs = Date.UTC(2025, 8, 29, 22)
const hourMs = 3_600_000
const quantiles = ['btcusdt-logret-168h-q05', 'btcusdt-logret-168h-q50', 'btcusdt-logret-168h-q95']

interface Details {
  rule: string
  members: { model: string; id: string | null; value: number; weight: number; reason?: string; history: number; outcomes: number }[]
  [name: string]: unknown
}

async function start(t: Test, models: string, database = ':memory:'): Promise<Service> {
  return startService(t, { env: { BARCAST_MODELS: models, BARCAST_DATABASE: database } })
}

async function ask(t: Test, { post }: Service, body: object, query = ''): Promise<Prediction[]> {
  const response = await post(body, query)
  t.ok([200, 201].includes(response.statusCode), response.body.slice(0, 300))
  return predictedSchema.parse(response.json()).predictions
}

const detailsOf = (prediction: Prediction) => prediction.details as unknown as Details
const y = (prediction: Prediction) => prediction.y_pred as number

async function replayOf({ app }: Service, id: string): Promise<{ result: string; reason: string | null; detail: string | null }> {
  const response = await app.inject({ method: 'POST', url: `/predictions/${id}/replay` })
  return response.json<{ result: string; reason: string | null; detail: string | null }>()
}

t.test('a weighted mean: the members of the same request, stored beside it', async (t) => {
  const models = copyModels(t, ['btcusdt-logret-168h'])
  addCopy(models, 'btcusdt-logret-168h-q50', 'other', { quantile: undefined })
  addEnsemble(models, 'both', { rule: 'mean', members: ['btcusdt-logret-168h', 'other'], weights: { 'btcusdt-logret-168h': 3, other: 1 } })
  addEnsemble(models, 'plain', { rule: 'mean', members: ['other', 'both'] }, { output: 'log_return', horizon_bars: 168 })
  const service = await start(t, models)
  const candles = endingAt(all, lastMs, 726)
  const [both, plain] = await ask(t, service, { models: ['both', 'plain'], candles })
  const [first, second] = await ask(t, service, { models: ['btcusdt-logret-168h', 'other'], candles })
  t.equal(y(both!), 0.75 * y(first!) + 0.25 * y(second!))
  t.equal(y(plain!), 0.5 * y(second!) + 0.5 * y(both!), 'ensembles of ensembles')
  t.match(both, {
    output: 'log_return',
    horizon_bars: 168,
    input: { source: 'predictions', bars: 726 },
    features: { catalogue: 'predictions' },
  })
  t.same(
    detailsOf(both!).members.map(({ model, id, value, weight }) => [model, id, value, weight]),
    [
      ['btcusdt-logret-168h', first!.id, y(first!), 0.75],
      ['other', second!.id, y(second!), 0.25],
    ],
  )
  t.same((await service.post({ models: ['both'], candles })).statusCode, 200, 'nothing new')
  t.same((await ask(t, service, { model: 'both', candles }))[0]!.id, both!.id)
  t.same((await service.get(`/predictions/${both!.id}`)).json(), both, 'read back as it was answered')
  t.match(await replayOf(service, both!.id), { result: 'identical' })
  t.match(await replayOf(service, plain!.id), { result: 'identical' })
  const listing = (await service.get('/models/both')).json<Record<string, unknown>>()
  t.match(listing, { state: 'served', timeframe: '1h', symbol: 'BTCUSDT', output: 'log_return', bars_needed: 726 })
  const everybody = await ask(t, service, { candles }, '?store=false')
  t.same(
    everybody.map(({ model }) => model.name),
    ['both', 'btcusdt-logret-168h', 'other', 'plain'],
    'without names each model answers once',
  )
  const { columns, rows, timestamps } = (
    await service.app.inject({
      method: 'POST',
      url: '/features',
      payload: { timeframe: '1h', candles },
    })
  ).json<{ columns: string[]; rows: unknown[]; timestamps: unknown[] }>()
  const [fromRows] = await ask(t, service, { model: 'both', features: { columns, rows, timestamps } }, '?store=false')
  t.equal(y(fromRows!), y(both!), 'from ready features')
})

t.test('members count as predictions of a request, as they do among sent features', async (t) => {
  const models = copyModels(t, ['btcusdt-logret-168h'])
  addCopy(models, 'btcusdt-logret-168h-q50', 'other', { quantile: undefined })
  addEnsemble(models, 'both', { rule: 'mean', members: ['btcusdt-logret-168h', 'other'] })
  addEnsemble(models, 'outer', { rule: 'fallback', members: ['both', 'other'] })
  const service = await start(t, models)
  const candles = endingAt(all, lastMs, 2_600)
  const payload = { symbol: 'BTCUSDT', timeframe: '1h', candles }
  t.equal((await service.app.inject({ method: 'POST', url: '/candles', payload })).statusCode, 201)
  const bars = { from: lastMs - 2_500 * hourMs }
  for (const sent of [{ candles }, {}]) {
    const answer = await service.post({ model: 'outer', bars, ...sent })
    t.equal(answer.statusCode, 400)
    t.match(answer.json(), { code: 'invalid-request', errors: [{ pointer: '/bars', detail: /2501 bars of 4 models .* at most 10000/ }] })
  }
})

t.test('a set of quantile models', async (t) => {
  const models = copyModels(t, quantiles)
  addEnsemble(models, 'set', { rule: 'quantiles', members: [...quantiles].reverse() })
  const service = await start(t, models)
  const candles = endingAt(all, lastMs, 726)
  const [set] = await ask(t, service, { model: 'set', candles })
  const [q05, q50, q95] = (await ask(t, service, { models: quantiles, candles })).map(y) as [number, number, number]
  const fixed = [q05, Math.max(q05, q50), Math.max(q05, q50, q95)] as const
  const expected = 0.05 * fixed[0] + (0.45 * (fixed[0] + fixed[1])) / 2 + (0.45 * (fixed[1] + fixed[2])) / 2 + 0.05 * fixed[2]
  const details = detailsOf(set!)
  t.ok(Math.abs(y(set!) - expected) < 1e-15)
  t.same(details.quantiles, [0.05, 0.5, 0.95])
  t.same(details.raw, [q05, q50, q95])
  t.equal(details.expected_return, y(set!))
  t.ok(Math.abs((details.tail_spread as number) - (fixed[2] - fixed[0])) < 1e-15)
  t.equal(details.cross_violations, Number(q50 < q05) + Number(q95 < q50))
  t.match(await replayOf(service, set!.id), { result: 'identical' })
})

t.test('fallback: the first that answers, and why the others did not', async (t) => {
  const models = copyModels(t, ['btcusdt-logret-168h'])
  const window = { catalogue: 'multi-timeframe', base_bars: 720, buffer_bars: 100 }
  addCopy(models, 'btcusdt-logret-168h', 'long', { features: window })
  addCopy(models, 'btcusdt-logret-168h', 'broken', { sha256: '0'.repeat(64) })
  addEnsemble(models, 'first', { rule: 'fallback', members: ['broken', 'long', 'btcusdt-logret-168h'] })
  addEnsemble(models, 'mean', { rule: 'mean', members: ['long', 'btcusdt-logret-168h'] })
  const service = await start(t, models)
  const short = endingAt(all, lastMs, 726)
  const [answer] = await ask(t, service, { model: 'first', candles: short })
  t.match(detailsOf(answer!), {
    answered_by: 'btcusdt-logret-168h',
    passed_over: [{ model: 'long', reason: /^not-enough-history: .*820/ }],
    absent_members: [{ model: 'broken', reason: /checksum/ }],
  })
  const [plain] = await ask(t, service, { model: 'btcusdt-logret-168h', candles: short })
  t.equal(y(answer!), y(plain!))
  t.match(await replayOf(service, answer!.id), { result: 'identical' })
  const [whole] = await ask(t, service, { model: 'first', candles: endingAt(all, lastMs, 820) })
  t.match(detailsOf(whole!), { answered_by: 'long', passed_over: [] })
  t.match((await service.post({ model: 'mean', candles: short })).json(), { code: 'not-enough-history', bars_needed: 820 })
})

t.test('ensembles that cannot be', async (t) => {
  const models = copyModels(t, ['btcusdt-logret-168h', 'btcusdt-up-24h'])
  addEnsemble(models, 'a', { rule: 'mean', members: ['b'] })
  addEnsemble(models, 'b', { rule: 'fallback', members: ['c', 'btcusdt-logret-168h'] })
  addEnsemble(models, 'c', { rule: 'mean', members: ['a'] })
  addEnsemble(models, 'unknown', { rule: 'mean', members: ['btcusdt-logret-168'] })
  addEnsemble(models, 'mixed', { rule: 'mean', members: ['btcusdt-logret-168h', 'btcusdt-up-24h'] })
  addEnsemble(models, 'on-refused', { rule: 'mean', members: ['unknown'] })
  addEnsemble(models, 'stated', { rule: 'mean', members: ['btcusdt-up-24h'] }, { horizon_bars: 4 })
  addEnsemble(models, 'signed', { rule: 'mean', members: ['btcusdt-up-24h'] }, { sha256: 'ab'.repeat(32) })
  addEnsemble(models, 'shaped', { rule: 'mean', members: ['btcusdt-up-24h'] }, { activation: 'exp' })
  addEnsemble(models, 'sure', { rule: 'mean', members: ['btcusdt-up-24h'] }, { signal: { rule: 'range', min_confidence: 60 } })
  addEnsemble(models, 'unsure', { rule: 'mean', members: ['btcusdt-logret-168h'] }, { signal: { rule: 'range', min_confidence: 60 } })
  addEnsemble(models, 'no-rule', { rule: 'median', members: ['btcusdt-up-24h'] })
  addEnsemble(models, 'weights', { rule: 'mean', members: ['btcusdt-up-24h'], weights: { x: 1 } })
  addEnsemble(models, 'no-quantiles', { rule: 'quantiles', members: ['btcusdt-up-24h', 'btcusdt-logret-168h'] })
  const service = await start(t, models)
  const of = async (name: string) => (await service.get(`/models/${name}`)).json<Record<string, unknown>>()
  t.match(await of('a'), { state: 'refused', reason: 'bad-manifest', detail: /a → b → c → a/, refusal: { cycle: ['a', 'b', 'c', 'a'] } })
  t.match(await of('b'), { state: 'refused', detail: /b → c → a → b/ })
  t.match(
    await of('unknown'),
    {
      ...{ version: '1', family: 'ensemble', ensemble: { rule: 'mean', members: ['btcusdt-logret-168'] } },
      ...{ timeframe: null, output: null, horizon_bars: null, features: null, bars_needed: null, example: null, sha256: null },
    },
    'what it states is shown, what its members would settle is not',
  )
  t.match(await of('stated'), { family: 'ensemble', horizon_bars: 4, timeframe: null })
  t.match(await of('signed'), { ensemble: { rule: 'mean', members: ['btcusdt-up-24h'] }, sha256: 'ab'.repeat(32) })
  t.match(await of('unknown'), { state: 'refused', detail: /no model btcusdt-logret-168; the nearest name is btcusdt-logret-168h/ })
  t.match(await of('mixed'), { state: 'refused', detail: /do not agree on output: btcusdt-logret-168h has log_return/ })
  t.match(await of('on-refused'), { state: 'refused', detail: /member unknown is refused/ })
  t.match(await of('stated'), { state: 'refused', detail: /horizon_bars 4 is stated, and the ensemble of these members has 24/ })
  t.match(await of('signed'), { state: 'refused', reason: 'checksum', refusal: { got: /^[0-9a-f]{64}$/ } })
  t.match(await of('shaped'), { state: 'refused', detail: /activation: only a stacked model has a file/ })
  t.match(await of('sure'), { state: 'served', signal: 'range', family: 'ensemble' })
  t.match(await of('unsure'), { state: 'refused', reason: 'bad-manifest', detail: /signal.min_confidence: .* not log_return/ })
  t.match(await of('no-rule'), { state: 'refused', reason: 'bad-manifest' })
  t.match(await of('weights'), { state: 'refused', detail: /x is no member/ })
  t.match(await of('no-quantiles'), { state: 'refused', detail: /do not agree on output/ })
  t.match(await of('btcusdt-up-24h'), { state: 'served' }, 'the others serve')
  t.match((await service.post({ model: 'a', candles: endingAt(all, lastMs, 726) })).json(), {
    code: 'model-unavailable',
    reason: 'bad-manifest',
  })
})

t.test('ML layer 1: a sequence model of several outputs, and a tree per horizon', async (t) => {
  const models = temporaryFolder(t)
  addCopy(models, 'btcusdt-move-24h', 'sequence', { output: 'score', classes: undefined, thresholds: undefined, horizon_bars: 3 })
  for (const h of [1, 2, 3]) addCopy(models, 'btcusdt-logret-168h', `h${h}`, { horizon_bars: h })
  addEnsemble(models, 'layer-one', { rule: 'layer-one', members: ['sequence', 'h1', 'h2', 'h3'], weight: 0.25 })
  addEnsemble(
    models,
    'second',
    { rule: 'layer-one', members: ['sequence', 'h2'], producer: 'python' },
    { output: 'log_return', horizon_bars: 2 },
  )
  const service = await start(t, models)
  const candles = endingAt(all, lastMs, 726)
  const [whole, second] = await ask(t, service, { models: ['layer-one', 'second'], candles })
  const [sequence, tree] = await ask(t, service, { models: ['sequence', 'h1'], candles })
  const m = sequence!.y_pred as number[]
  const l = y(tree!)
  t.same(
    whole!.y_pred,
    m.map((value) => 0.25 * value + 0.75 * l),
  )
  t.equal(whole!.output, 'score')
  const horizons = detailsOf(whole!).horizons as { horizon_bars: number; confidence: number; percent_change: number; direction: number }[]
  t.same(
    horizons.map(({ horizon_bars }) => horizon_bars),
    [1, 2, 3],
  )
  const agreement = 1 - Math.min(Math.abs(m[0]! - l) / ((Math.abs(m[0]!) + Math.abs(l)) / 2 + 1e-8), 1)
  t.ok(Math.abs(horizons[0]!.confidence - agreement) < 1e-15)
  t.equal(horizons[0]!.percent_change, Math.expm1((whole!.y_pred as number[])[0]!) * 100)
  t.equal(y(second!), 0.5 * m[1]! + 0.5 * l)
  t.match(second, { output: 'log_return', horizon_bars: 2 })
  t.match(await replayOf(service, whole!.id), { result: 'identical' })
})

t.test('blend and inverse error: from stored predictions before the bar, over a restart', async (t) => {
  const models = temporaryFolder(t)
  addCopy(models, 'btcusdt-logret-168h', 'a', { horizon_bars: 3 })
  addCopy(models, 'btcusdt-logret-168h-q50', 'b', { horizon_bars: 3, quantile: undefined })
  addCopy(models, 'btcusdt-logret-168h-q95', 'c', { horizon_bars: 3, quantile: undefined })
  addEnsemble(models, 'blend', { rule: 'blend', members: ['a', 'b', 'c'], temperature: 0.75 })
  addEnsemble(models, 'inverse', { rule: 'inverse-error', members: ['a', 'b', 'c'], window: 10 })
  const database = join(temporaryFolder(t), 'barcast.duckdb')
  const names = ['blend', 'inverse']
  const nBars = 70
  const firstMs = lastMs - (nBars - 1) * hourMs

  let service = await start(t, models, database)
  const answers: Prediction[][] = []
  const live = async (k: number) => {
    const made = await ask(t, service, { models: names, candles: endingAt(all, firstMs + k * hourMs, 726) })
    answers.push(made)
  }
  // One by one, then many at once, then after a restart.
  for (let k = 0; k < 12; k++) await live(k)
  const candles = endingAt(all, firstMs + 59 * hourMs, 726 + 59)
  const range = { from: new Date(firstMs + 12 * hourMs).toISOString(), to: new Date(firstMs + 59 * hourMs).toISOString() }
  const many = await ask(t, service, { models: names, candles, bars: range })
  for (let k = 0; k < 48; k++) answers.push(many.slice(2 * k, 2 * k + 2))
  await service.close()
  service = await start(t, models, database)
  for (let k = 60; k < nBars; k++) await live(k)

  const members = ['a', 'b', 'c']
  const raw = await rawOf(t, service, members, firstMs, nBars)
  const expected = foxmlBlend(raw, (k) => all.close[all.timestamp.indexOf(firstMs + k * hourMs)]!, { horizonBars: 3, errors: 10 })
  for (let k = 0; k < nBars; k++) {
    const [blend, inverse] = answers[k]!
    t.ok(Math.abs(y(blend!) - expected.alpha[k]!) <= 1e-9 * Math.max(1e-3, Math.abs(expected.alpha[k]!)), `blend of bar ${k}`)
    t.ok(Math.abs(y(inverse!) - expected.inverse[k]!) < 1e-12, `inverse error of bar ${k}`)
  }
  t.match(detailsOf(answers[69]![0]!), { rule: 'blend', temperature: 0.75, weights_rule: 'ridge over 50 values' })
  t.match(detailsOf(answers[69]![1]!), { weights_rule: '1/RMSE over the last 10 outcomes', members: [{ outcomes: 10 }, {}, {}] })
  t.match(detailsOf(answers[5]![1]!), { weights_rule: 'equal: a has 2 of 5 outcomes' })

  for (const k of [0, 7, 30, 59, 69]) {
    for (const prediction of answers[k]!) t.match(await replayOf(service, prediction.id), { result: 'identical', detail: null }, `bar ${k}`)
  }
  const again = await ask(t, service, { models: names, candles: endingAt(all, firstMs + 69 * hourMs, 726) })
  t.same(
    again.map(({ id }) => id),
    answers[69]!.map(({ id }) => id),
    'asked again: the same ids',
  )
})

async function rawOf(t: Test, { get }: Service, members: readonly string[], firstMs: number, nBars: number): Promise<number[][]> {
  return Promise.all(
    members.map(async (model) => {
      const from = new Date(firstMs).toISOString()
      const { predictions } = (await get(`/predictions?model=${model}&order=asc&limit=1000&from=${from}`)).json<{
        predictions: Prediction[]
      }>()
      t.equal(predictions.length, nBars, `every prediction of member ${model} is stored`)
      return predictions.map(y)
    }),
  )
}
