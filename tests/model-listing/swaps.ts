import { readFileSync } from 'node:fs'
import t from 'tap'
import { emptyDirectory } from '../models/support/models-directory.js'
import { versions } from '../models/support/versions.js'
import { startService } from '../support/service.js'

t.test('300 requests during 10 reloads: each names the version that scored it', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const put = versions(directory, 'ant')
  put(0)
  const { post, app } = await startService(t, { env: { BARCAST_MODELS: directory } })
  const { candles } = JSON.parse(readFileSync(new URL('../../examples/candles/btcusdt-1h.json', import.meta.url), 'utf8')) as {
    candles: object
  }
  const body = JSON.stringify({ model: 'ant', symbol: 'BTCUSDT', timeframe: '1h', candles })
  let rest: number | undefined
  let swapping = true
  const answered = new Set<string>()
  const ask = async () => {
    const answer = await post(body, '?store=false')
    t.equal(answer.statusCode, 200)
    const [prediction] = answer.json<{ predictions: { model: { version: string }; y_raw: number }[] }>().predictions
    const { model, y_raw } = prediction!
    rest ??= y_raw - Number(model.version)
    answered.add(model.version)
    t.equal(String(Math.round(y_raw - rest)), model.version)
  }
  await ask()
  const asking = async () => {
    for (let asked = 0; swapping || asked < 100; asked++) await ask()
  }
  const reloading = async () => {
    for (let version = 1; version <= 10; version++) {
      put(version)
      const answer = await app.inject({ method: 'POST', url: '/models/reload' })
      t.same(answer.json(), { added: [], swapped: ['ant'], removed: [], refused: [], unsettled: [] })
    }
    swapping = false
  }
  await Promise.all([reloading(), asking(), asking(), asking()])
  t.ok(answered.size >= 10, `versions ${[...answered].join(', ')}`)
})
