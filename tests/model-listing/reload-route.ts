import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { modelListSchema, modelReloadSchema, type ModelAnswer } from '../../src/model-listing/schema.js'
import { copyModels, startService, type Service } from '../support/service.js'

const nothing = { added: [], swapped: [], removed: [], refused: [], unsettled: [] }

const body = readFileSync(new URL('../../examples/candles/btcusdt-1h.json', import.meta.url), 'utf8')

const reload = async ({ app }: Service) => {
  const answer = await app.inject({ method: 'POST', url: '/models/reload' })
  modelReloadSchema.parse(answer.json())
  return { status: answer.statusCode, ...answer.json<Record<string, string[]>>() }
}

/** Version of the model that answers. */
async function ask({ post }: Service, model: string): Promise<unknown> {
  const asked = { ...(JSON.parse(body) as object), model, symbol: 'BTCUSDT', timeframe: '1h' }
  const answer = await post(asked, '?store=false')
  return answer.statusCode === 200
    ? answer.json<{ predictions: { model: { version: string } }[] }>().predictions[0]!.model.version
    : answer.json()
}

function edit(path: string, change: Record<string, unknown>): void {
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...change }))
}

t.test('changed, new, deleted', async (t) => {
  const directory = copyModels(t, ['crypto-up-4h', 'btcusdt-up-24h'])
  const service = await startService(t, { env: { BARCAST_MODELS: directory } })
  t.same(await reload(service), { status: 200, ...nothing })
  edit(join(directory, 'crypto-up-4h/model.json'), { version: '2-next' })
  cpSync(join(directory, 'crypto-up-4h'), join(directory, 'wasp'), { recursive: true })
  rmSync(join(directory, 'btcusdt-up-24h'), { recursive: true })
  t.not(await ask(service, 'crypto-up-4h'), '2-next', 'until then the old one answers')
  t.same(await reload(service), { status: 200, ...nothing, added: ['wasp'], swapped: ['crypto-up-4h'], removed: ['btcusdt-up-24h'] })
  t.equal(await ask(service, 'crypto-up-4h'), '2-next')
  t.equal(await ask(service, 'wasp'), '2-next')
  t.match(await ask(service, 'btcusdt-up-24h'), { code: 'unknown-model' })
})

t.test('a broken one leaves the old one serving, and GET /models says why; mended, it is taken', async (t) => {
  const directory = copyModels(t, ['crypto-up-4h'])
  const service = await startService(t, { env: { BARCAST_MODELS: directory } })
  const version = await ask(service, 'crypto-up-4h')
  const path = join(directory, 'crypto-up-4h/model.txt')
  const whole = readFileSync(path)
  writeFileSync(path, whole.subarray(0, whole.length / 2))
  t.same(await reload(service), { status: 200, ...nothing, refused: ['crypto-up-4h'] })
  t.equal(await ask(service, 'crypto-up-4h'), version)
  const listed = async () => {
    const list = (await service.get('/models')).json<{ models: ModelAnswer[] }>()
    modelListSchema.parse(list)
    return list.models[0]
  }
  t.match(await listed(), {
    state: 'served',
    reason: null,
    failed_reload: { reason: 'checksum', detail: /^model.txt is not the file of model.json/, at: /^\d{4}-.*Z$/ },
  })
  writeFileSync(path, whole)
  t.same(await reload(service), { status: 200, ...nothing, swapped: ['crypto-up-4h'] })
  t.match(await listed(), { state: 'served', failed_reload: null })
})

t.test('the directory is away: that is said, the old models serve on; when it is back, it is looked at', async (t) => {
  const directory = copyModels(t, ['crypto-up-4h'])
  const service = await startService(t, { env: { BARCAST_MODELS: directory } })
  const version = await ask(service, 'crypto-up-4h')
  renameSync(directory, `${directory}-away`)
  const answer = await service.app.inject({ method: 'POST', url: '/models/reload' })
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), { code: 'model-unavailable', reason: 'directory', detail: /^the models directory cannot be read \(ENOENT\)/ })
  t.equal(answer.headers['retry-after'], '5')
  t.equal(await ask(service, 'crypto-up-4h'), version)
  renameSync(`${directory}-away`, directory)
  t.same(await reload(service), { status: 200, ...nothing })
})

t.test('what the route is not', async (t) => {
  const { app, get } = await startService(t, { env: { BARCAST_MODELS: copyModels(t, ['crypto-up-4h']) } })
  t.equal((await app.inject({ method: 'POST', url: '/models/reload?now=1' })).statusCode, 400)
  t.match((await get('/models/reload')).json(), { code: 'unknown-model' }, 'a model may have this name')
})
