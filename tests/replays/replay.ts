import { DuckDBInstance } from '@duckdb/node-api'
import { join } from 'node:path'
import t from 'tap'
import type { BackfillAnswer } from '../../src/backfills/schema.js'
import type { ServedModel } from '../../src/models/model.js'
import type { Prediction } from '../../src/predictions/schema.js'
import { describedOtherwise } from '../../src/replays/described-otherwise.js'
import type { ReplayAnswer, VerificationAnswer } from '../../src/replays/schema.js'
import type { Part } from '../../src/replays/verdict.js'
import type { StoredPrediction } from '../../src/store/store.js'
import { addCopy, addEnsemble } from '../ensembles/support/bundles.js'
import { endingAt, mapColumns, readBtcusdt } from '../support/btcusdt.js'
import { runJob } from '../support/jobs.js'
import { copyModels, type Service, startService, temporaryFolder } from '../support/service.js'

const hourMs = 3_600_000
const model = 'btcusdt-logret-168h'
const up = 'btcusdt-up-24h'
const lastMs = Date.parse('2024-05-01T00:00:00Z')
const candles = endingAt(readBtcusdt(), lastMs, 726 + 39)

async function predict(service: Service, body: object): Promise<Prediction[]> {
  const response = await service.post(body)
  if (response.statusCode >= 300) throw new Error(response.body)
  return response.json<{ predictions: Prediction[] }>().predictions
}

async function replay(service: Service, id: string): Promise<ReplayAnswer> {
  const response = await service.app.inject({ method: 'POST', url: `/predictions/${id}/replay` })
  if (response.statusCode !== 200) throw new Error(response.body)
  return response.json<ReplayAnswer>()
}

const verify = (service: Service, payload: object = {}) => runJob<VerificationAnswer>(service.app, '/verifications', payload)

/** Changes the file of a service that is closed. */
async function tamper(path: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  await connection.run(sql)
  connection.closeSync()
  instance.closeSync()
}

t.test('identical, alone and among all, also after a restart', async (t) => {
  const env = { BARCAST_DATABASE: join(temporaryFolder(t), 'barcast.duckdb') }
  const first = await startService(t, { env })
  const [made] = await predict(first, { model, candles })
  const backfilled = await runJob<BackfillAnswer>(first.app, '/backfills', {
    models: [model, up],
    mode: 'window',
    from: lastMs - 20 * hourMs,
    to: lastMs,
  })
  t.match(backfilled.result, { written: 41, known: 1 })
  await first.close()

  const second = await startService(t, { env })
  const answer = await replay(second, made!.id)
  t.match(answer, { id: made!.id, result: 'identical', reason: null, detail: null, differs: [], first_different_feature: null })
  t.equal(answer.versions.model_sha256.then, answer.versions.model_sha256.now)
  t.strictSame(answer.versions.catalogue, { then: 'multi-timeframe 1', now: 'multi-timeframe 1' })
  t.match((await verify(second)).result, { checked: 42, identical: 42, different: 0, impossible: 0, reasons: {}, first_different: [] })
  t.match((await verify(second, { model: up, from: lastMs - 4 * hourMs })).result, { checked: 5, identical: 5 })
  const sampled = await verify(second, { sample: 7 })
  t.match(sampled, { filter: { sample: 7 }, progress: { found: 42 }, result: { checked: 7, identical: 7 } })
  t.match((await second.get('/metrics')).body, /replays_total\{result="identical"\} 55/)
})

t.test('the candles are those of the time: a revision changes nothing for what was made before it', async (t) => {
  const service = await startService(t)
  const [before] = await predict(service, { model, candles })
  await runJob(service.app, '/backfills', { model, mode: 'window', from: lastMs - 9 * hourMs, to: lastMs - hourMs })
  const revised = mapColumns(candles, (values, name) =>
    name === 'close' ? values.map((value, k) => (k === 700 ? value + 0.5 : value)) : values,
  )
  const [after] = await predict(service, { model, candles: revised })
  t.equal(after!.supersedes, before!.id)
  for (const id of [before!.id, after!.id]) t.match(await replay(service, id), { result: 'identical' })
  t.match((await verify(service)).result, { checked: 11, identical: 11 })
})

t.test('a bar that was revised between reading the stored candles and storing the prediction', async (t) => {
  const env = { BARCAST_DATABASE: join(temporaryFolder(t), 'barcast.duckdb') }
  const first = await startService(t, { env })
  const [made] = await predict(first, { model, candles })
  const revised = mapColumns(candles, (values, name) => (name === 'volume' ? values.with(-5, values.at(-5)! + 1) : values))
  const payload = { symbol: 'BTCUSDT', timeframe: '1h', candles: revised }
  t.match((await first.app.inject({ method: 'POST', url: '/candles', payload })).json(), { revised: 1 })
  await first.close()
  // As if the revision had been committed first.
  await tamper(env.BARCAST_DATABASE, 'UPDATE predictions SET revision = (SELECT max(revision) FROM candles)')
  const second = await startService(t, { env })
  t.match(await replay(second, made!.id), { result: 'identical' })
  t.match((await verify(second)).result, { checked: 1, identical: 1 })
})

t.test('a changed value is found, and named', async (t) => {
  const path = join(temporaryFolder(t), 'barcast.duckdb')
  const env = { BARCAST_DATABASE: path }
  const first = await startService(t, { env })
  const [made] = await predict(first, { model, candles, store_features: true })
  const [other] = await predict(first, { model: up, candles: endingAt(candles, lastMs - hourMs, 726) })
  await first.close()

  await t.test('a score', async (t) => {
    await tamper(path, `UPDATE predictions SET y_pred = [0.5] WHERE id = '${made!.id}'`)
    const service = await startService(t, { env })
    const answer = await replay(service, made!.id)
    t.match(answer, {
      result: 'different',
      differs: ['y_pred'],
      y_pred: { stored: 0.5, recomputed: made!.y_pred },
      y_raw: null,
      input_hash: null,
    })
    const { result } = await verify(service)
    t.match(result, { checked: 2, identical: 1, different: 1, first_different: [{ id: made!.id, differs: ['y_pred'] }] })
    t.match((await service.get('/metrics')).body, /replays_total\{result="different"\} 2/)
    await service.close()
    await tamper(path, `UPDATE predictions SET y_pred = y_raw WHERE id = '${made!.id}'`)
  })

  await t.test('a feature value that was kept', async (t) => {
    const change = (by: number) =>
      `UPDATE feature_rows SET feature_values = list_transform(feature_values, lambda value, k: if(k = 5, value + ${by}, value))`
    await tamper(path, change(1))
    const service = await startService(t, { env })
    const answer = await replay(service, made!.id)
    const { features } = (await service.get(`/models/${model}`)).json<{ features: { names: string[] } }>()
    t.match(answer, {
      result: 'different',
      differs: ['stored_features'],
      first_different_feature: { name: features.names[4] },
      y_raw: null,
    })
    const { stored, recomputed } = answer.first_different_feature!
    t.equal(stored, recomputed! + 1)
    t.match((await verify(service)).result, { checked: 2, different: 1, first_different: [{ id: made!.id, differs: ['stored_features'] }] })
    await service.close()
    await tamper(path, change(-1))
  })

  await t.test('a candle', async (t) => {
    await tamper(path, `UPDATE candles SET close = close + 1 WHERE epoch_ms(open_time) = ${lastMs - hourMs}`)
    const service = await startService(t, { env })
    const kept = await replay(service, made!.id)
    t.match(kept, { result: 'different', first_different_feature: { feature_key: 'multi-timeframe-1-720+6' } })
    t.ok(kept.differs.includes('input_hash') && kept.differs.includes('features_hash') && kept.differs.includes('id'))
    const { name, stored, recomputed, stored_bits } = kept.first_different_feature!
    t.ok(stored !== recomputed && kept.detail!.includes(name) && /^[0-9a-f]{16}$/.test(stored_bits))
    const hashed = await replay(service, other!.id)
    t.match(hashed, { result: 'different', first_different_feature: null, detail: /only the hash of the features was stored/ })
    t.match((await verify(service)).result, { checked: 2, different: 2 })
    await service.close()
    await tamper(path, `UPDATE candles SET close = close - 1 WHERE epoch_ms(open_time) = ${lastMs - hourMs}`)
  })
})

t.test('signals, and what ensembles say of their making, are derived again', async (t) => {
  const models = temporaryFolder(t)
  addCopy(models, 'btcusdt-logret-168h', 'range', { signal: { rule: 'range', long_above: 0, short_below: 0, valid_bars: 3 } })
  addCopy(models, 'btcusdt-move-24h', 'coin', { signal: { rule: 'crypto-bot', min_confidence: 20 } })
  addEnsemble(models, 'mean', { rule: 'mean', members: ['range'] }, { signal: { rule: 'range', take_profits: [2] } })
  addEnsemble(models, 'outer', { rule: 'fallback', members: ['mean'] }, { signal: { rule: 'crypto-bot' } })
  const path = join(temporaryFolder(t), 'barcast.duckdb')
  const env = { BARCAST_DATABASE: path, BARCAST_MODELS: models }
  const names = ['range', 'coin', 'mean', 'outer']
  const first = await startService(t, { env })
  const made = await predict(first, { models: names, candles })
  const { columns, rows, timestamps } = (
    await first.app.inject({
      method: 'POST',
      url: '/features',
      payload: { timeframe: '1h', candles: endingAt(candles, lastMs - hourMs, 726) },
    })
  ).json<Record<string, unknown>>()
  const [row] = await predict(first, { model: 'outer', features: { columns, rows, timestamps } })
  t.match(row!.details, { signal: null, no_signal: /the price is not known/ })
  // A candle of the window is revised, and the manifests say other rules now.
  const revised = mapColumns(endingAt(candles, lastMs, 727), (values, name) => (name === 'close' ? values.with(720, values[719]!) : values))
  const payload = {
    symbol: 'BTCUSDT',
    timeframe: '1h',
    candles: {
      ...revised,
      high: revised.high.map((value, k) => Math.max(value, revised.close[k]!)),
      low: revised.low.map((value, k) => Math.min(value, revised.close[k]!)),
    },
  }
  t.equal((await first.app.inject({ method: 'POST', url: '/candles', payload })).statusCode, 201)
  await first.close()
  addCopy(models, 'btcusdt-logret-168h', 'range', { signal: { rule: 'crypto-bot' } })
  addCopy(models, 'btcusdt-move-24h', 'coin')

  const second = await startService(t, { env })
  for (const { id } of [...made, row!]) t.match(await replay(second, id), { result: 'identical' })
  t.match((await verify(second)).result, { checked: 7, identical: 7 })
  await second.close()

  const changes: readonly [string, string, RegExp][] = [
    ['range', 'stop_loss', /details differs; the first member of details that differs is signal.stop_loss: 1 is stored, \d/],
    ['coin', 'confidence', /signal.confidence: 1 is stored/],
    ['mean', 'atr', /signal.inputs.atr: 1 is stored/],
    ['outer', 'price', /signal\.[a-z_.0]+price: 1 is stored/],
  ]
  for (const [name, member] of changes) await tamper(path, changeDetails(name, member))
  const third = await startService(t, { env })
  for (const [k, [name, , detail]] of changes.entries()) {
    t.match(await replay(third, made[k]!.id), { result: 'different', differs: ['details'], detail }, name)
  }
  const { result } = await verify(third)
  t.match(result, { checked: 7, identical: 3, different: 4 }, 'also those that are looked at together')
  await third.close()

  await tamper(path, changeDetails('mean', 'weight'))
  const fourth = await startService(t, { env })
  t.match(await replay(fourth, made[2]!.id), {
    result: 'different',
    differs: ['details'],
    detail: /members\.0\.weight: 1\.5 is stored, 1 was derived/,
  })
})

/** Puts a 1 (or 1.5, for a weight) in place of the first such number in the details of a model's newest prediction, and leaves every other character. */
function changeDetails(name: string, member: string): string {
  const pattern = `"${member}":[-0-9.e]+`
  return `UPDATE predictions SET details = regexp_replace(details, '${pattern}', '"${member}":${member === 'weight' ? 1.5 : 1}')
    WHERE model = '${name}' AND epoch_ms(bar_time) = ${lastMs}`
}

t.test('a manifest that changes on a running server while its file stays: new rows by the new one, old rows as they say', async (t) => {
  const directory = temporaryFolder(t)
  const put = (change: Record<string, unknown> = {}) => addCopy(directory, model, 'm', change)
  put()
  const service = await startService(t, { env: { BARCAST_MODELS: directory } })
  const reload = () => service.app.inject({ method: 'POST', url: '/models/reload' })
  const essence = ({ id, features: { hash }, y_raw }: Prediction) => ({ id, hash, y_raw })
  /** What a server says that has never known another manifest. */
  const afresh = async (bars: object) => {
    const fresh = await startService(t, { env: { BARCAST_MODELS: directory } })
    const made = await predict(fresh, { model: 'm', candles, ...bars })
    await fresh.close()
    return made.map(essence)
  }
  const [old] = await predict(service, { model: 'm', candles })
  t.match(await replay(service, old!.id), { result: 'identical' })

  const features = { catalogue: 'multi-timeframe', base_bars: 240, buffer_bars: 12 }
  put({ features })
  t.match((await reload()).json(), { swapped: ['m'] })
  const [changed] = await predict(service, { model: 'm', candles })
  t.same([essence(changed!)], await afresh({}))
  t.equal(changed!.supersedes, old!.id)
  t.not(changed!.features.hash, old!.features.hash, 'the window makes other features')
  await runJob(service.app, '/backfills', { model: 'm', mode: 'window', from: lastMs - 5 * hourMs, to: lastMs - hourMs })
  const filled = (await service.get(`/predictions?model=m&order=asc&to=${lastMs - hourMs}`)).json<{ predictions: Prediction[] }>()
    .predictions
  t.same(filled.map(essence), await afresh({ bars: { from: lastMs - 5 * hourMs, to: lastMs - hourMs } }))
  for (const { id } of [old!, changed!, ...filled]) t.match(await replay(service, id), { result: 'identical' })
  t.match((await verify(service)).result, { checked: 7, identical: 7 })

  const { names } = (await service.get('/models/m')).json<{ features: { names: string[] } }>().features
  const turned = [...names.slice(1), names[0]!]
  put({ features, feature_names: turned, version: 'turned' })
  t.match((await reload()).json(), { swapped: ['m'] })
  const earlier = { bars: [lastMs - 9 * hourMs] }
  const [other] = await predict(service, { model: 'm', candles, ...earlier })
  t.same([essence(other!)], await afresh(earlier))
  t.match(await replay(service, other!.id), { result: 'identical' })
  t.match(await replay(service, changed!.id), {
    result: 'impossible',
    reason: 'model-changed',
    detail: /lists its features in a description of version "turned", which was "/,
  })
})

t.test('what betrays that a description lists other features now', (t) => {
  const then = {
    model: 'm',
    source: 'candles',
    modelVersion: '1',
    featuresNan: ['a'],
    featuresOutside: ['b'],
  } as unknown as StoredPrediction
  const now = (version: string, featureNames: string[], isListed = true) =>
    ({ featureNames, manifest: { version, featureNames: isListed ? featureNames : undefined } }) as unknown as ServedModel
  const told = (model: ServedModel, differs: readonly Part[] = ['features_hash'], source = 'candles') =>
    describedOtherwise({ ...then, source: source as StoredPrediction['source'] }, model, differs)
  t.match(told(now('1', ['a', 'c'])), /lists other features now: b was one then/)
  t.match(told(now('2', ['b', 'a'])), /a description of version "2", which was "1" then/)
  t.match(told(now('2', ['b', 'a']), ['input_hash', 'features_hash'], 'features'), /version "2"/, 'features that were sent')
  t.equal(told(now('1', ['b', 'a'])), undefined, 'nothing says so')
  t.equal(told(now('2', ['b', 'a'], false)), undefined, 'the names are those in the file')
  t.equal(told(now('2', ['c']), ['input_hash', 'features_hash']), undefined, 'other candles')
  t.equal(told(now('2', ['c']), ['y_pred']), undefined, 'the features are the same')
  t.end()
})

t.test('why it cannot be derived again', async (t) => {
  const path = join(temporaryFolder(t), 'barcast.duckdb')
  const directory = copyModels(t, [model])
  const env = { BARCAST_DATABASE: path, BARCAST_MODELS: directory }
  const first = await startService(t, { env })
  const [made] = await predict(first, { model, candles })
  await first.close()

  await tamper(path, `DELETE FROM candles WHERE epoch_ms(open_time) IN (${lastMs}, ${lastMs - 5 * hourMs})`)
  const second = await startService(t, { env })
  t.match(await replay(second, made!.id), {
    result: 'impossible',
    reason: 'candles-missing',
    detail: /2 of the 726 candles.*2024-04-30T19:00:00.000Z/,
  })
  t.match((await verify(second)).result, {
    checked: 1,
    impossible: 1,
    reasons: { 'candles-missing': 1 },
    first_impossible: [{ id: made!.id }],
  })
  await second.close()

  const third = await startService(t, { env: { ...env, BARCAST_MODELS: copyModels(t, [up]) } })
  const gone = await replay(third, made!.id)
  t.match(gone, { result: 'impossible', reason: 'model-unavailable', versions: { model_sha256: { now: null } } })
  await third.close()

  await tamper(path, `UPDATE predictions SET model_sha256 = repeat('0', 64)`)
  const fourth = await startService(t, { env })
  t.match(await replay(fourth, made!.id), { result: 'impossible', reason: 'model-changed' })
})

t.test('from feature values that were sent', async (t) => {
  const service = await startService(t)
  const { features } = (await service.get(`/models/${up}`)).json<{ features: { names: string[] } }>()
  const body = {
    model: up,
    symbol: 'BTCUSDT',
    features: { columns: features.names, rows: [features.names.map((_, k) => (k % 7 === 0 ? null : k / 10))], timestamps: [lastMs] },
  }
  const [made] = await predict(service, body)
  t.match(await replay(service, made!.id), { result: 'identical' })
  t.match((await verify(service)).result, { checked: 1, identical: 1 })
})

t.test('a model that nobody knows is no verification that passes', async (t) => {
  const service = await startService(t)
  const payload = { model: 'btcusdt-logret-168' }
  const response = await service.app.inject({ method: 'POST', url: '/verifications', payload })
  t.equal(response.statusCode, 404)
  t.match(response.json(), { code: 'unknown-model', nearest: 'btcusdt-logret-168h' })
  t.equal((await service.app.inject({ method: 'POST', url: '/verifications', payload: { model } })).statusCode, 202)
})

t.test('a prediction that is not there', async (t) => {
  const service = await startService(t)
  const response = await service.app.inject({ method: 'POST', url: `/predictions/${'0'.repeat(26)}/replay` })
  t.equal(response.statusCode, 404)
  t.equal((await service.app.inject({ method: 'POST', url: '/verifications', payload: { sample: 0 } })).statusCode, 400)
})
