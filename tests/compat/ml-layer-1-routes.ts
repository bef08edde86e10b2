import t from 'tap'
import type { Test } from 'tap'
import { prediction } from '../store/support/prediction.js'
import { addLayout } from '../models/support/layouts.js'
import { emptyDirectory } from '../models/support/models-directory.js'
import { noOnnxruntime } from '../models/support/onnxruntime.js'
import { copyModels, startService } from '../support/service.js'

const nowMs = Date.UTC(2025, 0, 1, 12, 20)

async function layerOne(t: Test) {
  const directory = emptyDirectory(t.testdir())
  addLayout(directory, 'layer-one')
  return startService(t, { env: { BARCAST_MODELS: directory, BARCAST_ALLOW_UNSIGNED: 'true' }, nowMs: () => nowMs })
}

t.test('GET /health: the whole body', { skip: noOnnxruntime }, async (t) => {
  const { get, parts } = await layerOne(t)
  const body = {
    ...{ status: 'healthy', enabled: true, ready: true, models: { mamba: true, lgbm: 2 }, last_candle_time: null as string | null },
    timestamp: '2025-01-01T12:20:00.000000+00:00',
  }
  const answer = await get('/health')
  t.equal(answer.statusCode, 200)
  t.strictSame(answer.json(), body)
  await parts.store.record([prediction({ id: 'p1', model: 'layer-one.h1', timeframe: '1m', barTimeMs: nowMs - 60_000 })])
  t.strictSame((await get('/health')).json(), { ...body, last_candle_time: '2025-01-01T12:19:00.000000+00:00' })
})

t.test('metrics of its names, from ours', { skip: noOnnxruntime }, async (t) => {
  const { get, parts } = await layerOne(t)
  parts.metrics.prediction('layer-one.h1', 'new')
  parts.metrics.prediction('layer-one.h1', 'new')
  parts.metrics.prediction('layer-one.h1', 'known')
  parts.metrics.prediction('layer-one.sequence', 'new')
  parts.metrics.prediction('layer-one.h2', 'refused')
  parts.metrics.prediction('another', 'new')
  parts.metrics.stage('score', 0.002)
  parts.metrics.stage('score', 0.004)
  const expected = {
    ml_ready: 1,
    'ml_models_loaded{model_type="lgbm"}': 2,
    'ml_models_loaded{model_type="mamba"}': 1,
    'ml_predictions_total{horizon="1"}': 2,
    'ml_predictions_total{horizon="2"}': 0,
    'ml_predictions_total{horizon="sequence"}': 1,
    ml_prediction_errors_total: 1,
    ml_inference_latency_ms: 3,
  }
  for (let read = 0; read < 2; read++) {
    const lines = (await get('/metrics')).body.split('\n').filter((line) => line.startsWith('ml_'))
    t.same(
      Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))])),
      expected,
    )
  }
})

t.test('without its models it is not enabled, and the service is healthy all the same', async (t) => {
  const { get } = await startService(t, { env: { BARCAST_MODELS: copyModels(t, ['crypto-up-4h']) } })
  const answer = await get('/health')
  t.match(
    { status: answer.statusCode, body: answer.json<object>() },
    { status: 200, body: { status: 'healthy', enabled: false, ready: false, models: { mamba: false, lgbm: 0 } } },
  )
})

t.test('a service that is not ready', async (t) => {
  const { get } = await startService(t, { env: { BARCAST_MODELS: emptyDirectory(t.testdir()) } })
  const answer = await get('/health')
  t.match({ status: answer.statusCode, body: answer.json<object>() }, { status: 503, body: { status: 'unhealthy', ready: false } })
})

t.test('switched off there is neither', async (t) => {
  const { get } = await startService(t, { env: { BARCAST_COMPAT: 'none', BARCAST_MODELS: copyModels(t, ['crypto-up-4h']) } })
  t.equal((await get('/health')).statusCode, 404)
  t.notMatch((await get('/metrics')).body, /^ml_/m)
})
