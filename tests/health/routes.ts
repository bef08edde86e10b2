import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Problem } from '../../src/errors.js'
import { endingAt, readBtcusdt } from '../support/btcusdt.js'
import { copyModels, startService, temporaryFolder } from '../support/service.js'

t.test('alive at once, ready when the models are loaded', async (t) => {
  const { get, parts } = await startService(t, { atOnce: true })
  t.strictSame((await get('/livez')).json(), { status: 'alive' })
  const early = await get('/readyz')
  t.equal(early.statusCode, 503)
  t.match(early.json(), { status: 'not ready', store: { state: 'open' }, models: { state: 'loading' } })
  const asked = await get('/models/btcusdt-logret-168h')
  t.match(asked.json(), { state: /loading|served/ })
  await parts.registry.loaded
  const ready = await get('/readyz')
  t.equal(ready.statusCode, 200)
  t.strictSame(ready.json(), {
    status: 'ready',
    store: { state: 'open' },
    models: { state: 'loaded', loading: 0, served: 7, idle: 0, refused: 0, required: {} },
  })
})

t.test('a required model decides, another refused one does not', async (t) => {
  const directory = copyModels(t, ['btcusdt-up-24h', 'crypto-up-4h'])
  writeFileSync(join(directory, 'crypto-up-4h', 'model.txt'), 'tree\nbroken')
  const env = { BARCAST_MODELS: directory }
  t.match(await (await startService(t, { env })).get('/readyz'), { statusCode: 200 })
  const required = await startService(t, { env: { ...env, BARCAST_REQUIRED_MODELS: 'crypto-up-4h,nobody,btcusdt-up-24h' } })
  const response = await required.get('/readyz')
  t.equal(response.statusCode, 503)
  t.match(response.json(), {
    models: { refused: 1, required: { 'crypto-up-4h': 'refused', nobody: 'absent', 'btcusdt-up-24h': 'served' } },
  })
})

t.test('queries are refused as everywhere', async (t) => {
  const { get } = await startService(t)
  for (const path of ['/livez', '/readyz', '/metrics', '/openapi.json']) {
    t.equal((await get(path)).statusCode, 200, path)
    t.match((await get(`${path}?verbose=1`)).json(), { code: 'invalid-request', status: 400, errors: [{ pointer: 'verbose' }] }, path)
  }
})

t.test('not ready without a model, or without a store', async (t) => {
  const empty = await startService(t, { env: { BARCAST_MODELS: temporaryFolder(t) } })
  t.match(await empty.get('/readyz'), { statusCode: 503 })
  const down = () => Promise.reject(new Problem('store-unavailable', 'gone'))
  const broken = await startService(t, { swap: ({ store }) => ({ store: { ...store, revision: down } }) })
  const response = await broken.get('/readyz')
  t.equal(response.statusCode, 503)
  t.match(response.json(), { store: { state: 'unavailable' } })
})

t.test('metrics', async (t) => {
  const service = await startService(t, { env: { BARCAST_DATABASE: join(temporaryFolder(t), 'barcast.duckdb') } })
  const candles = endingAt(readBtcusdt(), Date.UTC(2025, 8, 29, 22), 726)
  await service.post({ model: 'btcusdt-up-24h', candles })
  await service.post({ model: 'btcusdt-up-24h', candles })
  await service.get('/nothing')
  const response = await service.get('/metrics')
  t.match(response.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  const has = (line: string | RegExp) => t.match(response.body, line)
  has('http_request_duration_seconds_count{method="POST",route="/predict",status="201"} 1')
  has('http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 1')
  for (const stage of ['parse', 'check', 'features', 'score', 'store', 'serialise']) has(`predict_stage_seconds_count{stage="${stage}"} 2`)
  has('predictions_total{model="btcusdt-up-24h",result="new"} 1')
  has('predictions_total{model="btcusdt-up-24h",result="known"} 1')
  has('models{state="served"} 7')
  has('models{state="loading"} 0')
  has('store_commit_seconds_count 1')
  has('store_commit_rows_sum 727')
  await service.post({ model: 'btcusdt-up-24h', candles: endingAt(readBtcusdt(), Date.UTC(2025, 8, 29, 21), 725) })
  await service.get('/predictions')
  const later = await service.get('/metrics')
  t.match(later.body, 'store_commit_rows_sum 728')
  t.match(later.body, 'store_tables_seconds_count 1', 'the series was known, so the second went by way of the journal')
  t.match(later.body, 'store_tables_waiting_seconds 0')
  has(/^process_resident_memory_bytes \d+/m)
})

t.test('docs/operating.md has every metric of ours, and what /readyz answers', async (t) => {
  const page = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8')
  const { get, parts } = await startService(t)
  const { body } = await get('/metrics')
  // Those of the process, and of another system (docs/compat.md), are told elsewhere.
  const names = Array.from(body.matchAll(/^# TYPE (\S+)/gm), ([, name]) => name!).filter((name) => !/^(process|nodejs|ml)_/.test(name))
  t.ok(names.length > 8)
  const missing = names.filter((name) => !page.includes(`\`${name}\``))
  t.strictSame(missing, [])
  const states = Array.from(body.matchAll(/^models\{state="(\w+)"\}/gm), ([, state]) => `\`${state}\``)
  t.ok(page.includes(`| \`models\` | \`state\`: ${states.join(', ')} |`))
  await parts.registry.loaded
  t.ok(page.includes((await get('/readyz')).body), 'the example of /readyz')
})
