import { hash } from 'node:crypto'
import t from 'tap'
import type { Prediction } from '../../src/predictions/schema.js'
import { predictedSchema } from '../../src/predictions/schema.js'
import { endingAt, readBtcusdt } from '../support/btcusdt.js'
import { copyModels, type Service, startService } from '../support/service.js'

const hourMs = 3_600_000
const model = 'btcusdt-logret-168h'
const all = readBtcusdt()
const lastMs = Date.UTC(2025, 8, 29, 22)
const candles = endingAt(all, lastMs, 800)
const nowMs = () => Date.UTC(2025, 9, 1)
const iso = (ms: number) => new Date(ms).toISOString()

interface Table {
  columns: string[]
  rows: (number | string | null)[][]
  timestamps: (string | number)[]
}
interface Predicted {
  predictions: Prediction[]
  skipped?: { model: string; bar_time: string; code: string }[]
  ignored_columns?: string[]
}

const bars = [lastMs - 70 * hourMs, lastMs - hourMs, lastMs]

/** Features of three bars as POST /features answers them. */
async function features(service: Service, more: object = {}): Promise<Table> {
  const payload = JSON.stringify({ candles, bars, ...more })
  const response = await service.app.inject({ method: 'POST', url: '/features', payload, headers: { 'content-type': 'application/json' } })
  if (response.statusCode !== 200) throw new Error(response.body)
  return response.json<Table>()
}

/** Both ways of reading: fast, and, because of an escape, through JSON.parse. */
async function post(service: Service, body: object, query = ''): Promise<{ status: number; answer: Predicted & Record<string, unknown> }> {
  const fast = await service.post(body, query)
  const slow = await service.post(JSON.stringify(body).replace('"features"', '"\\u0066eatures"'), '?store=false')
  if (query === '?store=false') {
    const { request_id: _, ...one } = fast.json<Record<string, unknown>>()
    const { request_id: __, ...two } = slow.json<Record<string, unknown>>()
    t.same(one, two, 'read fast or slowly')
  }
  return { status: fast.statusCode, answer: fast.json() }
}

t.test('features sent back give the bits that the candles give', async (t) => {
  const service = await startService(t, { nowMs })
  const table = await features(service)
  t.equal(table.columns.length, 616)
  const fromCandles = (await service.post({ candles, bars }, '?store=false')).json<Predicted>()
  const { answer } = await post(service, { features: table }, '?store=false')
  t.ok(predictedSchema.safeParse(answer).success, 'as documented')
  t.equal(answer.predictions.length, 21)
  for (const [k, made] of answer.predictions.entries()) {
    const expected = fromCandles.predictions[k]!
    t.same(
      [made.bar_time, made.model.name, made.y_raw, made.y_pred, made.features],
      [expected.bar_time, expected.model.name, expected.y_raw, expected.y_pred, expected.features],
    )
    t.not(made.id, expected.id)
    t.same(made.input, {
      source: 'features',
      hash: made.features.hash,
      submitted: 3,
      bars: 0,
      first: made.bar_time,
      last: made.bar_time,
      unfinished_dropped: 0,
    })
  }
})

t.test('the order of columns and rows does not matter, further columns are named', async (t) => {
  const service = await startService(t, { nowMs })
  const { featureNames } = service.parts.registry.served(model)
  const table = await features(service, { names: featureNames })
  const expected = (await post(service, { model, features: table }, '?store=false')).answer
  t.equal(expected.ignored_columns, undefined)
  const order = [...featureNames.keys()].reverse()
  const shuffled: Table = {
    columns: ['mine', ...order.map((k) => featureNames[k]!), 'other, too'],
    rows: [2, 0, 1].map((row) => [7, ...order.map((k) => table.rows[row]![k]!), 'inf']),
    timestamps: [2, 0, 1].map((row) => Date.parse(table.timestamps[row] as string)),
  }
  const { answer } = await post(service, { model, features: shuffled }, '?store=false')
  t.same(answer.predictions, expected.predictions)
  t.same(answer.ignored_columns, ['mine', 'other, too'])
  const two = await post(service, { models: [model, 'crypto-up-4h'], symbol: 'BTCUSDT', features: await features(service) }, '?store=false')
  const used = new Set([...featureNames, ...service.parts.registry.served('crypto-up-4h').featureNames])
  t.same(
    two.answer.ignored_columns,
    (await features(service)).columns.filter((name) => !used.has(name)),
    'used by none of the models',
  )
})

t.test('NaN and the infinities', async (t) => {
  const service = await startService(t, { nowMs })
  const { featureNames } = service.parts.registry.served(model)
  const row = featureNames.map((_, k) => [null, 'inf', '-inf', -0.5, 3][k % 5]!)
  const { answer } = await post(service, { model, features: { columns: featureNames, rows: [row], timestamps: [lastMs] } }, '?store=false')
  const [made] = answer.predictions
  const bytes = Buffer.alloc(8 * row.length)
  row.forEach((value, k) => {
    if (value === null) bytes.writeBigUInt64LE(0x7ff8000000000000n, 8 * k)
    else bytes.writeDoubleLE(value === 'inf' ? Infinity : value === '-inf' ? -Infinity : (value as number), 8 * k)
  })
  t.equal(made!.features.hash, hash('sha256', bytes, 'hex'))
  t.equal(made!.input.hash, made!.features.hash)
})

t.test('what is wrong with features', async (t) => {
  const service = await startService(t, { nowMs })
  const { featureNames } = service.parts.registry.served(model)
  const good: Table = {
    columns: [...featureNames],
    rows: [featureNames.map(() => 1), featureNames.map(() => 2)],
    timestamps: [lastMs, lastMs - hourMs],
  }
  const refused = async (pointer: string, detail: RegExp, change: object, body: object = {}) => {
    const { answer } = await post(service, { model, features: { ...good, ...change }, ...body }, '?store=false')
    t.match(answer, { code: 'invalid-request', errors: [{ pointer, detail }] }, pointer)
  }
  const cell = (value: unknown) => ({ rows: [good.rows[0], good.rows[1]!.map((one, k) => (k === 3 ? value : one))] })
  for (const value of ['1', 'nan', true, [1], {}, '']) await refused('/features/rows/1/3', /a number, null \(for NaN\)/, cell(value))
  await refused('/features/rows/1', /values for \d+ columns/, { rows: [good.rows[0], [1]] })
  await refused('/features/rows/0', /a row is a list/, { rows: [1, 2] })
  await refused('/features/rows', /no rows/, { rows: [], timestamps: [] })
  await refused('/features/rows', /list is expected/, { rows: 'x' })
  await refused('/features/columns', /is missing/, { columns: undefined })
  await refused('/features/columns', /no columns/, { columns: [] })
  await refused('/features/columns/1', /given twice, also at 0/, { columns: [featureNames[1], ...featureNames.slice(1)] })
  await refused('/features/columns/2', /is a text/, { columns: featureNames.map((name, k) => (k === 2 ? 5 : name)) })
  await refused('/features/columns/0', /1 to 200 characters/, { columns: ['', ...featureNames.slice(1)] })
  await refused('/features/timestamps', /1 timestamps for 2 rows/, { timestamps: [lastMs] })
  await refused('/features/timestamps/1', /is no time/, { timestamps: [lastMs, 'now'] })
  await refused('/features/timestamps/1', /looks like seconds/, { timestamps: [lastMs, lastMs / 1000] })
  await refused('/features/timestamps/1', /grid of 1h/, { timestamps: [lastMs, lastMs + 1] })
  await refused('/features/timestamps/1', /two rows of the bar/, { timestamps: [lastMs, lastMs] })
  await refused('/features/timestamps/0', /has not closed yet/, { timestamps: [nowMs(), lastMs] })
  await refused('/features', /either candles or features/, {}, { candles })
  await refused('/bars', /leave bars out/, {}, { bars: 'last' })
  t.match((await service.post({ model, features: 3 })).json(), { code: 'invalid-request', errors: [{ pointer: '/features' }] })
  t.match((await service.post({ model, features: null })).json(), { code: 'invalid-request', errors: [{ pointer: '/features' }] })
  const many = {
    columns: featureNames,
    rows: Array.from({ length: 3_400 }, () => good.rows[0]),
    timestamps: Array.from({ length: 3_400 }, (_, k) => lastMs - k * hourMs),
  }
  t.match((await service.post({ models: [model, 'btcusdt-logret-168h-q05', 'btcusdt-logret-168h-q95'], features: many })).json(), {
    code: 'invalid-request',
    detail: /at most 10000/,
  })
})

t.test('missing columns: the difference', async (t) => {
  const service = await startService(t, { nowMs })
  const { featureNames } = service.parts.registry.served(model)
  const wrong = featureNames[5]!.toLowerCase().replace('_', '-')
  const columns = featureNames.map((name, k) => (k === 5 ? wrong : name)).slice(0, -1)
  const body = { model, features: { columns, rows: [columns.map(() => 1)], timestamps: [lastMs] } }
  const { status, answer } = await post(service, body, '?store=false')
  t.equal(status, 422)
  const last = featureNames.at(-1)!
  t.match(answer, { code: 'feature-mismatch', model, missing: [featureNames[5], last], missing_count: 2, extra: [wrong], extra_count: 1 })
  t.equal((answer.nearest as Record<string, string>)[featureNames[5]!], wrong)
  const { answer: some } = await post(
    service,
    { symbol: 'BTCUSDT', features: await features(service, { names: service.parts.registry.served('crypto-up-4h').featureNames }) },
    '?store=false',
  )
  t.ok(some.predictions.length >= 3, 'those that fit answer')
  t.equal(some.predictions.length + some.skipped!.length, 21)
  t.ok(some.skipped!.every(({ code }) => code === 'feature-mismatch'))
})

t.test('values that were sent are kept', async (t) => {
  const service = await startService(t, { nowMs })
  const { featureNames } = service.parts.registry.served(model)
  const table = await features(service, { names: featureNames })
  const { status, answer } = await post(service, { model, features: table })
  t.equal(status, 201)
  const found = (await service.get(`/predictions/${answer.predictions[0]!.id}`)).json<Prediction>()
  t.equal(found.input.source, 'features')
  t.equal((await service.post({ model, features: table })).statusCode, 200, 'the same again is known')
  t.same((await service.get('/features/keys')).json(), {
    keys: [{ feature_key: 'submitted', symbol: 'BTCUSDT', timeframe: '1h', bars: 3, first: iso(bars[0]!), last: iso(lastMs) }],
  })
  const stored = (await service.get('/features')).json<Table>()
  t.same([stored.columns, stored.rows, stored.timestamps], [table.columns, table.rows, table.timestamps])
  await service.post({ model, features: table, feature_key: 'mine' })
  t.match((await service.get('/features')).json(), { code: 'invalid-request', errors: [{ pointer: 'feature_key' }] })
  t.equal((await service.get('/features?feature_key=mine')).json<Table>().rows.length, 3)
  await service.post({ model, features: table, feature_key: 'not kept' }, '?store=false')
  t.equal((await service.get('/features/keys')).json<{ keys: unknown[] }>().keys.length, 2)
})

t.test('values that were computed are kept when it is asked for', async (t) => {
  const directory = copyModels(t, [model, 'crypto-up-4h', 'btcusdt-move-24h'])
  const service = await startService(t, { nowMs, env: { BARCAST_MODELS: directory } })
  const models = ['crypto-up-4h', model]
  const keys = async () => (await service.get('/features/keys')).json<{ keys: { feature_key: string; bars: number }[] }>().keys
  await service.post({ models, candles, bars })
  t.same(await keys(), [], 'not unless it is asked for')
  await service.post({ models, candles, bars, store_features: true })
  t.match(await keys(), [{ feature_key: 'multi-timeframe-1-720+6', bars: 3 }])
  const stored = (await service.get('/features')).json<Table>()
  const names = [...new Set(models.flatMap((name) => service.parts.registry.served(name).featureNames))]
  t.same([...stored.columns].sort(), [...names].sort())
  const computed = await features(service, { names: stored.columns })
  t.same(stored.rows, computed.rows)
  const back = (await service.post({ models, features: stored }, '?store=false')).json<Predicted>()
  const expected = (await service.post({ models, candles, bars }, '?store=false')).json<Predicted>()
  t.same(
    back.predictions.map(({ y_raw }) => y_raw),
    expected.predictions.map(({ y_raw }) => y_raw),
  )
  await service.post({ model, candles, store_features: true, feature_key: 'one' }, '')
  t.match(await keys(), [{}, { feature_key: 'one', bars: 1 }])
})

t.test('a manifest may ask for it', async (t) => {
  const { readFileSync, writeFileSync } = await import('node:fs')
  const directory = copyModels(t, [model, 'crypto-up-4h'])
  const path = `${directory}/${model}/model.json`
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { features: object }
  writeFileSync(path, JSON.stringify({ ...manifest, features: { ...manifest.features, store: true, key: 'live' } }))
  const service = await startService(t, { nowMs, env: { BARCAST_MODELS: directory } })
  await service.post({ candles })
  const keys = (await service.get('/features/keys')).json<{ keys: { feature_key: string; bars: number }[] }>().keys
  t.match(keys, [{ feature_key: 'live', bars: 1 }])
  const stored = (await service.get('/features')).json<Table>()
  t.equal(stored.columns.length, service.parts.registry.served(model).featureNames.length, 'of this model alone')
})
