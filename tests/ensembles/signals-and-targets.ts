import { join } from 'node:path'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { predictedSchema } from '../../src/predictions/schema.js'
import { endingAt, readBtcusdt, toCsvText } from '../support/btcusdt.js'
import { copyModels, startService, temporaryFolder } from '../support/service.js'
import { addCopy, addEnsemble } from './support/bundles.js'

const all = readBtcusdt()
const lastMs = Date.UTC(2025, 8, 29, 22)
const candles = endingAt(all, lastMs, 726)
const foxmlRun = join(import.meta.dirname, '../fixtures/layouts/foxml-run')
const start = (t: Test, models: string, env: Record<string, string> = {}) => startService(t, { env: { BARCAST_MODELS: models, ...env } })

t.test('signals are a part of the prediction', async (t) => {
  const models = temporaryFolder(t)
  addCopy(models, 'btcusdt-move-24h', 'coin', { signal: { rule: 'crypto-bot' } })
  addCopy(models, 'btcusdt-logret-168h', 'range', { signal: { rule: 'range', stop_ranges: 2 } })
  addEnsemble(models, 'mean', { rule: 'mean', members: ['range'] }, { signal: { rule: 'range' } })
  addCopy(models, 'btcusdt-logret-168h', 'sure', { signal: { rule: 'crypto-bot', min_confidence: 50 } })
  addCopy(models, 'btcusdt-up-24h', 'bad', { signal: { rule: 'martingale' } })
  const service = await start(t, models)
  const { predictions } = predictedSchema.parse((await service.post({ models: ['coin', 'range', 'mean'], candles })).json())
  const close = candles.close.at(-1)!
  const [coin, range, mean] = predictions.map(({ details }) => (details as { signal: Record<string, unknown> }).signal)
  const probabilities = predictions[0]!.y_pred as number[]
  const best = probabilities.indexOf(Math.max(...probabilities))
  const direction = ['SHORT', 'NO_TRADE', 'LONG'][best]!
  t.match(coin, {
    rule: 'crypto-bot',
    direction,
    confidence: probabilities[best]! * 100,
    inputs: { price: close, class: ['down', 'flat', 'up'][best] },
  })
  const ranges = Array.from({ length: 14 }, (_, k) => {
    const i = 726 - 14 + k
    const before = candles.close[i - 1]!
    return Math.max(candles.high[i]! - candles.low[i]!, Math.abs(candles.high[i]! - before), Math.abs(candles.low[i]! - before))
  })
  const atr = ranges.reduce((a, b) => a + b) / 14
  const { inputs } = range as { inputs: { atr: number } }
  t.ok(Math.abs(inputs.atr - atr) < 1e-9)
  const sign = Math.sign(predictions[1]!.y_pred as number)
  t.ok(Math.abs((range!.stop_loss as number) - (close - sign * 2 * atr)) < 1e-6)
  t.equal(range!.valid_until, new Date(lastMs + 3 * 3_600_000).toISOString())
  t.match(mean, { rule: 'range', entry: range!.entry })
  for (const { id } of predictions) {
    const response = await service.app.inject({ method: 'POST', url: `/predictions/${id}/replay` })
    t.match(response.json(), { result: 'identical' })
  }
  t.match((await service.get('/models/bad')).json(), {
    state: 'refused',
    reason: 'bad-manifest',
    detail: /signal.rule: one of crypto-bot, range/,
  })
  t.match((await service.get('/models/sure')).json(), { state: 'refused', reason: 'bad-manifest', detail: /min_confidence needs/ })
  t.match((await service.get('/models/coin')).json(), { signal: 'crypto-bot', trained_family: null, family: 'lightgbm', warnings: [] })
  t.match((await service.get('/models/mean')).json(), { signal: 'range' })
})

t.test("timeframes outside crypto_bot's table are told, of ensembles too", async (t) => {
  const models = temporaryFolder(t)
  mkdirSync(join(models, 'tree'))
  copyFileSync(join(foxmlRun, 'targets/fwd_ret_60m/models/view=CROSS_SECTIONAL/family=lightgbm/model.txt'), join(models, 'tree/model.txt'))
  const features = { catalogue: 'foxml', base_bars: 300, buffer_bars: 0 }
  const signal = { rule: 'crypto-bot' }
  const manifest = { version: '1', timeframe: '30m', features, output: 'log_return', horizon_bars: 4, signal }
  writeFileSync(join(models, 'tree/model.json'), JSON.stringify(manifest))
  addEnsemble(models, 'mean', { rule: 'mean', members: ['tree'] }, { signal })
  const service = await start(t, models, { BARCAST_ALLOW_UNSIGNED: 'true' })
  const warning = /crypto-bot has no levels for 30m: those of 15m/
  t.match((await service.get('/models/tree')).json(), { state: 'served', warnings: [/states no sha256/, warning] })
  t.match((await service.get('/models/mean')).json(), { state: 'served', warnings: [warning] })
})

t.test('all horizons of a target, one request', async (t) => {
  const models = copyModels(t, ['btcusdt-up-24h'])
  addCopy(models, 'btcusdt-logret-168h', 'week', { target: 'return' })
  addCopy(models, 'btcusdt-logret-168h-q50', 'day', { target: 'return', horizon_bars: 24, quantile: undefined })
  addCopy(models, 'btcusdt-logret-168h', 'day-long', {
    target: 'return',
    horizon_bars: 24,
    features: { catalogue: 'multi-timeframe', base_bars: 720, buffer_bars: 50 },
  })
  addEnsemble(models, 'week-mean', { rule: 'mean', members: ['week'] }, { target: 'return' })
  const service = await start(t, models)
  const answer = predictedSchema.parse((await service.post({ target: 'return', candles })).json())
  t.same(
    answer.term_structure!.map(({ model, horizon_bars, family }) => [model, horizon_bars, family]),
    [
      ['day', 24, 'lightgbm'],
      ['week', 168, 'lightgbm'],
      ['week-mean', 168, 'ensemble'],
    ],
  )
  t.match(answer.skipped, [{ model: 'day-long', code: 'not-enough-history' }])
  t.same(
    answer.term_structure!.map(({ id }) => id),
    answer.predictions.map(({ id }) => id),
  )
  t.equal(answer.term_structure![0]!.settles_at, new Date(lastMs + 25 * 3_600_000).toISOString())

  const preferring = async (family_priority: readonly string[]) =>
    predictedSchema.parse((await service.post({ target: 'return', family_priority, candles })).json()).term_structure!
  t.match(await preferring(['Ensemble', 'LightGBM']), [
    { horizon_bars: 24, model: 'day', family: 'lightgbm' },
    { horizon_bars: 168, model: 'week-mean', family: 'ensemble' },
  ])
  t.match(await preferring(['lightgbm', 'ensemble']), [{ model: 'day' }, { model: 'week' }])
  const problem = async (body: object) => (await service.post({ ...body, candles })).json<object>()
  t.match(await problem({ target: 'volatility' }), { code: 'unknown-model', targets: ['return'] })
  t.match(await problem({ target: 'return', family_priority: ['onnx'] }), {
    ...{ code: 'model-unavailable', status: 503, detail: /of the families onnx/, target: 'return' },
    passed_over: [{ model: null, family: 'onnx', reason: 'no model of this family has the target' }],
  })
  t.match(await problem({ target: 'return', timeframe: '4h' }), { code: 'unknown-model' }, 'nothing of the target at this timeframe')

  const csv = async (query: string) =>
    service.app.inject({
      ...{ method: 'POST', url: `/predict?store=false&${query}`, headers: { 'content-type': 'text/csv' } },
      payload: toCsvText(candles),
    })
  t.match((await csv('target=return&family_priority=Ensemble,LightGBM')).json(), {
    term_structure: [{ model: 'day' }, { model: 'week-mean', family: 'ensemble' }],
  })
  t.equal((await csv('target=return')).json<{ term_structure: object[] }>().term_structure.length, 3)
  t.match((await csv('target=return&family_priority=lightgbm&family_priority=onnx')).json(), {
    term_structure: [{ model: 'day' }, { model: 'week' }],
  })
  t.match((await csv('target=return&model=week')).json(), { code: 'invalid-request', errors: [{ pointer: 'target' }] })
  t.match((await csv('family_priority=lightgbm')).json(), { code: 'invalid-request', errors: [{ pointer: 'family_priority' }] })
  t.match((await csv('target=return&family_priority=')).json(), { code: 'invalid-request', errors: [{ pointer: 'family_priority/0' }] })
  t.match(await problem({ target: 'return', model: 'week' }), { code: 'invalid-request', errors: [{ pointer: '/target' }] })
  t.match(await problem({ family_priority: ['onnx'] }), { code: 'invalid-request', errors: [{ pointer: '/family_priority' }] })
})

t.test('a family that was refused is told, and the next one answers', async (t) => {
  const models = temporaryFolder(t)
  addCopy(models, 'btcusdt-logret-168h', 'tree', { target: 'return' })
  addCopy(models, 'btcusdt-logret-168h', 'network', { target: 'return', family: 'xgboost', sha256: '0'.repeat(64) })
  const service = await start(t, models)
  const answer = predictedSchema.parse((await service.post({ target: 'return', family_priority: ['xgboost', 'lightgbm'], candles })).json())
  t.match(answer.term_structure, [{ model: 'tree', passed_over: [{ model: 'network', family: 'xgboost', reason: /^refused/ }] }])

  const none = await service.post({ target: 'return', family_priority: ['CatBoost', 'xgboost'], candles })
  t.match(none.json(), {
    ...{ status: 503, code: 'model-unavailable', detail: /CatBoost, xgboost can answer for "return"; network: refused/ },
    passed_over: [
      { model: 'network', family: 'xgboost', reason: /^refused \(bad-model\): / },
      { model: null, family: 'CatBoost' },
    ],
  })
  rmSync(join(models, 'tree'), { recursive: true })
  await service.parts.registry.reload()
  t.match((await service.post({ target: 'return', candles })).json(), { status: 503, passed_over: [{ model: 'network' }] })
  t.match((await service.post({ target: 'return', symbol: 'OTHER', candles })).json(), { status: 404, code: 'unknown-model' })
})

t.test('a refused ensemble is told as a family that did not answer', async (t) => {
  const models = copyModels(t, [])
  addCopy(models, 'btcusdt-logret-168h', 'tree', { target: 'return' })
  addCopy(models, 'btcusdt-up-24h', 'up', {})
  addEnsemble(models, 'broken', { rule: 'mean', members: ['tree', 'nobody'] }, { target: 'return' })
  addEnsemble(models, 'week', { rule: 'mean', members: ['up'] }, { target: 'return', horizon_bars: 168 })
  addEnsemble(models, 'day', { rule: 'mean', members: ['tree'] }, { target: 'return', horizon_bars: 24 })
  addEnsemble(models, 'market', { rule: 'mean', members: ['nobody'] }, { target: 'return', symbol: 'OTHER' })
  const service = await start(t, models)
  const terms = async (family_priority: readonly string[]) =>
    predictedSchema.parse((await service.post({ target: 'return', family_priority, candles })).json()).term_structure!
  const passed = (model: string, reason: RegExp) => ({ model, family: 'ensemble', reason })
  t.match(await terms(['ensemble', 'lightgbm']), [
    { horizon_bars: 24, model: null, passed_over: [passed('broken', /no model nobody/), passed('day', /horizon_bars 24 is stated/)] },
    { horizon_bars: 168, model: 'tree', passed_over: [passed('broken', /^refused \(bad-manifest\)/), passed('week', /stated/)] },
  ])
  t.equal((await terms(['lightgbm', 'ensemble']))[1]!.passed_over, undefined, 'not behind the one that answered')
  t.match((await service.post({ target: 'return', family_priority: ['ensemble'], symbol: 'BTCUSDT', candles })).json(), {
    status: 503,
    passed_over: [{ model: 'broken' }, { model: 'day' }, { model: 'week' }],
  })
})

t.test('loaded when they are asked, together with their members', async (t) => {
  const models = temporaryFolder(t)
  addCopy(models, 'btcusdt-logret-168h', 'a')
  addCopy(models, 'btcusdt-logret-168h-q50', 'b', { quantile: undefined })
  addEnsemble(models, 'mean', { rule: 'mean', members: ['a', 'b'] })
  // From 51 bundles on nothing is loaded before it is asked.
  for (let k = 0; k < 50; k++) addEnsemble(models, `more-${k}`, { rule: 'mean', members: ['b'] })
  const service = await start(t, models, { BARCAST_MODEL_WATCH: '0' })
  const stateOf = async (name: string) =>
    (await service.get(`/models/${name}`)).json<{ state: string; sha256: string | null; timeframe: string }>()
  t.match(await stateOf('mean'), {
    state: 'idle',
    timeframe: '1h',
    family: 'ensemble',
    precision: null,
    input_precision: null,
    scorer: null,
  })
  t.match(await stateOf('a'), { state: 'idle', family: 'lightgbm', precision: 'float64', input_precision: 'float64', scorer: null })
  t.equal((await service.post({ model: 'mean', candles })).statusCode, 201)
  const before = await stateOf('mean')
  t.match(before, { state: 'served', sha256: /^[0-9a-f]{64}$/ })
  t.match(await stateOf('a'), { state: 'served' })

  addCopy(models, 'btcusdt-logret-168h-q05', 'b', { quantile: undefined, version: '2' })
  await service.app.inject({ method: 'POST', url: '/models/reload' })
  await service.post({ model: 'mean', candles })
  const after = await stateOf('mean')
  t.equal(after.state, 'served')
  t.not(after.sha256, before.sha256, 'another member, another ensemble')
  writeFileSync(join(models, 'mean', 'model.json'), JSON.stringify({ version: '2', ensemble: { rule: 'mean', members: ['a', 'nobody'] } }))
  t.match((await service.app.inject({ method: 'POST', url: '/models/reload' })).json(), { refused: ['mean'], swapped: [] })
  t.match(await stateOf('mean'), {
    state: 'served',
    sha256: after.sha256,
    failed_reload: { reason: 'bad-manifest', detail: /no model nobody/ },
  })
  t.equal((await service.post({ model: 'mean', candles })).statusCode, 200, 'it answers as before')
  rmSync(join(models, 'b'), { recursive: true })
  await service.app.inject({ method: 'POST', url: '/models/reload' })
  t.match(await stateOf('mean'), { state: 'refused' })
  writeFileSync(join(models, 'mean', 'model.json'), JSON.stringify({ version: '2', ensemble: { rule: 'mean', members: ['a'] } }))
  const report = (await service.app.inject({ method: 'POST', url: '/models/reload' })).json<object>()
  t.match(report, { swapped: ['mean'] })
  t.equal((await service.post({ model: 'mean', candles })).statusCode, 201)
})

t.test('a backfill gives what requests give, members and all', async (t) => {
  const models = temporaryFolder(t)
  addCopy(models, 'btcusdt-logret-168h', 'a', { horizon_bars: 2 })
  addCopy(models, 'btcusdt-logret-168h-q50', 'b', { horizon_bars: 2, quantile: undefined })
  addEnsemble(models, 'blend', { rule: 'blend', members: ['a', 'b'] })
  const live = await start(t, models)
  const filled = await start(t, models)
  const nBars = 30
  const whole = endingAt(all, lastMs, 726 + nBars - 1)
  const first = new Date(lastMs - (nBars - 1) * 3_600_000).toISOString()
  await filled.app.inject({
    method: 'POST',
    url: '/candles',
    payload: { symbol: 'BTCUSDT', timeframe: '1h', candles: whole },
    headers: { 'content-type': 'application/json' },
  })
  const job = (
    await filled.app.inject({ method: 'POST', url: '/backfills', payload: { models: ['a', 'blend'], mode: 'window', from: first } })
  ).json<{ id: string; state: string }>()
  for (let wait = 0; wait < 200; wait++) {
    const { state } = (await filled.get(`/backfills/${job.id}`)).json<{ state: string }>()
    if (state === 'done' || state === 'failed') break
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  t.match((await filled.get(`/backfills/${job.id}`)).json(), { state: 'done', result: { written: 2 * nBars, known: 0 } })
  await live.post({ models: ['blend'], candles: whole, bars: { from: first } })
  const list = async (service: typeof live) =>
    (await service.get('/predictions?model=blend&limit=1000')).json<{ predictions: { id: string; y_pred: number }[] }>().predictions
  const [online, offline] = [await list(live), await list(filled)]
  t.equal(online.length, nBars)
  t.same(
    offline.map(({ id, y_pred }) => [id, y_pred]),
    online.map(({ id, y_pred }) => [id, y_pred]),
  )
  const again = (await filled.app.inject({ method: 'POST', url: '/verifications', payload: { model: 'blend' } })).json<{ id: string }>()
  for (let wait = 0; wait < 200; wait++) {
    const { state } = (await filled.get(`/verifications/${again.id}`)).json<{ state: string }>()
    if (state === 'done' || state === 'failed') break
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  t.match((await filled.get(`/verifications/${again.id}`)).json(), { state: 'done', result: { checked: nBars, identical: nBars } })
})
