import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { modelListSchema, modelSchema, type ModelAnswer } from '../../src/model-listing/schema.js'
import { copyModels, startService } from '../support/service.js'

t.test('every model, served and refused', async (t) => {
  const directory = copyModels(t, ['btcusdt-move-24h', 'crypto-up-4h'])
  appendFileSync(join(directory, 'crypto-up-4h', 'model.txt'), '\n')
  const { get, post } = await startService(t, { env: { BARCAST_MODELS: directory } })

  const list = await get('/models')
  t.equal(list.statusCode, 200)
  t.ok(modelListSchema.safeParse(list.json()).success, 'as documented')
  t.match(list.json(), {
    models: [
      { name: 'btcusdt-move-24h', state: 'served', reason: null, symbol: 'BTCUSDT', timeframe: '1h', outputs: 3, bars_needed: 726 },
      { name: 'crypto-up-4h', state: 'refused', reason: 'checksum', symbol: null },
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
