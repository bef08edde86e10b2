import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { modelListSchema, modelSchema, type ModelAnswer } from '../../src/model-listing/schema.js'
import { precisionOf, scorerOf, withPrecision } from '../../src/models/scorer-of.js'
import { type Prediction, predictionSchema } from '../../src/predictions/schema.js'
import { addEnsemble } from '../ensembles/support/bundles.js'
import { addLayout } from '../models/support/layouts.js'
import { noOnnxruntime } from '../models/support/onnxruntime.js'
import { copyModels, startService, temporaryFolder } from '../support/service.js'

t.test('every model, served and refused', async (t) => {
  const directory = copyModels(t, ['btcusdt-move-24h', 'crypto-up-4h'])
  appendFileSync(join(directory, 'crypto-up-4h', 'model.txt'), '\n')
  const { get, post } = await startService(t, { env: { BARCAST_MODELS: directory } })

  const list = await get('/models')
  t.equal(list.statusCode, 200)
  t.ok(modelListSchema.safeParse(list.json()).success, 'as documented')
  t.match(list.json(), {
    models: [
      {
        ...{ name: 'btcusdt-move-24h', state: 'served', reason: null, symbol: 'BTCUSDT', timeframe: '1h', outputs: 3, bars_needed: 726 },
        ...{ family: 'lightgbm', precision: 'float64', input_precision: 'float64', scorer: { name: 'lightgbm-wasm', version: /^\d/ } },
      },
      {
        ...{ name: 'crypto-up-4h', state: 'refused', reason: 'checksum', symbol: null },
        ...{ family: 'lightgbm', precision: null, input_precision: null, scorer: null },
      },
    ],
  })
  t.notOk('example' in list.json<{ models: object[] }>().models[0]!)
  t.match((await post({ model: 'crypto-up-4h', candles: [[1709251200000, 1, 1, 1, 1, 1]] })).json(), {
    code: 'model-unavailable',
    status: 503,
    reason: 'checksum',
  })

  const one = await get('/models/crypto-up-4h')
  t.ok(modelSchema.safeParse(one.json()).success, 'as documented')
  t.equal(one.json<ModelAnswer>().example, null)
  t.match((await get('/models/btcusdt-move-24')).json(), { code: 'unknown-model', status: 404, nearest: 'btcusdt-move-24h' })
})

t.test('the example request of every model works as it stands', async (t) => {
  const { app, get } = await startService(t)
  const { models } = (await get('/models')).json<{ models: ModelAnswer[] }>()
  t.equal(models.length, 7)
  for (const { name } of models) {
    const response = await get(`/models/${name}`)
    t.ok(modelSchema.safeParse(response.json()).success, 'as documented')
    const { example, features, bars_per_timeframe } = response.json<ModelAnswer>()
    t.equal(features!.names!.length, features!.count)
    t.equal(bars_per_timeframe!['4H'] !== undefined, true)
    const { method, path, content_type, body } = example!
    const answer = await app.inject({ method, url: path, headers: { 'content-type': content_type }, payload: JSON.stringify(body) })
    t.equal(answer.statusCode, 200, answer.body.slice(0, 300))
    t.match(answer.json(), { predictions: [{ model: { name } }] })
  }
  t.strictSame((await get('/predictions')).json(), { predictions: [], next_cursor: null, next_expected_at: null }, 'nothing was stored')
})

t.test('who scores and in what is told by the model, and by its predictions when it is gone', { skip: noOnnxruntime }, async (t) => {
  const models = temporaryFolder(t)
  addLayout(models, 'foxml-run')
  const [tree, network] = ['foxml-run.fwd_ret_60m.lightgbm', 'foxml-run.fwd_ret_60m.lstm']
  addEnsemble(models, 'of-both', { rule: 'fallback', members: [network, tree] }, { signal: { rule: 'range' } })
  addEnsemble(models, 'of-trees', { rule: 'mean', members: [tree] })
  const env = { BARCAST_MODELS: models, BARCAST_ALLOW_UNSIGNED: 'true', BARCAST_DATABASE: join(temporaryFolder(t), 'barcast.duckdb') }
  const first = await startService(t, { env })
  const told = async (name: string) => {
    const { family, trained_family, precision, input_precision, scorer, state, detail } = (
      await first.get(`/models/${name}`)
    ).json<ModelAnswer>()
    return [state === 'served' ? '' : detail, family, trained_family, precision, input_precision, scorer?.name]
  }
  t.strictSame(await told(tree), ['', 'lightgbm', 'lightgbm', 'float64', 'float32', 'lightgbm-wasm'], 'FoxML rounds its inputs')
  t.strictSame(await told(network), ['', 'onnx', 'lstm', 'float32', 'float32', 'onnxruntime-node'])
  const [why, ...forest] = await told('foxml-run.fwd_ret_60m.random_forest')
  t.match(why, /pickles are never opened/)
  t.strictSame(forest, [null, 'randomforest', null, null, undefined], 'nothing here scores it')
  t.strictSame(await told('of-both'), ['', 'ensemble', null, 'float32', 'float32', 'barcast-ensemble'])
  t.strictSame(await told('of-trees'), ['', 'ensemble', null, 'float64', 'float64', 'barcast-ensemble'])

  const { example } = (await first.get(`/models/${tree}`)).json<ModelAnswer>()
  const { candles } = example!.body as { candles: object }
  const asked = { models: [tree, network, 'of-both', 'of-trees'], symbol: 'BTCUSDT', timeframe: '5m', candles }
  const { predictions } = (await first.post(asked)).json<{ predictions: Prediction[] }>()
  const scoredBy = ({ scorer }: Prediction) => [scorer.name, scorer.family, scorer.precision]
  const expected = [
    ['lightgbm-wasm', 'lightgbm', 'float64'],
    ['onnxruntime-node', 'onnx', 'float32'],
    ['barcast-ensemble', 'ensemble', 'float32'],
    ['barcast-ensemble', 'ensemble', 'float64'],
  ]
  t.strictSame(predictions.map(scoredBy), expected)
  t.equal(predictions[1]!.y_raw, Math.fround(predictions[1]!.y_raw as number), 'float32 out')
  t.equal(predictions[2]!.scorer_version, 'barcast-ensemble 1 float32')
  await first.close()

  const { get } = await startService(t, { env: { ...env, BARCAST_MODELS: copyModels(t, ['btcusdt-up-24h']) } })
  for (const [k, { id }] of predictions.entries()) {
    const stored = predictionSchema.parse((await get(`/predictions/${id}`)).json())
    t.strictSame(scoredBy(stored), expected[k], 'of a model that is gone')
  }
  const csv = (await get('/predictions?columns=all&model=of-both', { accept: 'text/csv' })).body.split('\r\n')
  t.match(csv[0], /,outcome_status,scorer_version,scorer_family,scorer_precision,signal,details$/)
  const { signal } = predictions[2]!.details as { signal: { direction: string } }
  t.ok(csv[1]!.includes(`,pending,barcast-ensemble 1 float32,ensemble,float32,${signal.direction},"{""`))
  t.ok(csv[1]!.endsWith(`${JSON.stringify(predictions[2]!.details).replaceAll('"', '""')}"`), 'details as they are in JSON')
  const standard = (await get('/predictions?model=of-both', { accept: 'text/csv' })).body.split('\r\n')
  t.equal(standard[0], csv[0]!.slice(0, csv[0]!.indexOf(',scorer_version')), 'only who asks for more gets more')
  t.ok(csv[1]!.startsWith(`${standard[1]},`))
  t.match((await get('/predictions?columns=some')).json(), { code: 'invalid-request', errors: [{ pointer: 'columns' }] })

  const file = join(temporaryFolder(t), 'predictions.parquet')
  writeFileSync(file, (await get('/predictions?order=asc', { accept: 'application/vnd.apache.parquet' })).rawPayload)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const rows = await connection.run(`SELECT model, scorer_family, scorer_precision, signal, details FROM '${file}' ORDER BY model`)
  t.strictSame(
    await rows.getRowsJS(),
    predictions
      .map(({ model, scorer, details }) => {
        const direction = (details as { signal?: { direction: string } } | null)?.signal?.direction ?? null
        return [model.name, scorer.family, scorer.precision, direction, details === null ? null : JSON.stringify(details)]
      })
      .sort(([a], [b]) => (a! < b! ? -1 : 1)),
  )
  connection.closeSync()
  instance.closeSync()
})

t.test('labels of scorers', (t) => {
  t.same(scorerOf('0.1.0'), { name: 'lightgbm-wasm', version: '0.1.0', family: 'lightgbm', precision: 'float64' })
  t.same(scorerOf('forest 3'), { name: 'forest', version: '3', family: null, precision: null }, 'of another version of barcast')
  t.equal(withPrecision('barcast-ensemble 1', 'float64'), 'barcast-ensemble 1')
  t.equal(scorerOf(withPrecision('barcast-ensemble 1', 'float32')).precision, 'float32')
  t.equal(precisionOf('ensemble'), null)
  t.equal(precisionOf('forest'), null)
  t.end()
})
