import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { loadConfig } from '../../src/config.js'
import { serve } from '../../src/serve.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import { copyModels, temporaryFolder } from '../support/service.js'

t.test('a server writes down when it ran and which models it had', async (t) => {
  const path = join(temporaryFolder(t), 'life.duckdb')
  const config = loadConfig({
    BARCAST_DATABASE: path,
    BARCAST_MODELS: copyModels(t, ['btcusdt-logret-168h']),
    BARCAST_PORT: '0',
    BARCAST_LOG_LEVEL: 'silent',
  })
  const fromMs = Date.now()
  const first = await serve(config, '0.0.0-test')
  await setTimeout(2_000)
  await first.close()
  const betweenMs = Date.now()
  await setTimeout(50)
  await (await serve(config, '0.0.0-test')).close()
  const untilMs = Date.now()

  const store = await openDuckdbStore({ path })
  const { log } = store
  t.teardown(() => store.close())
  const runs = await log.runs(0, untilMs)
  t.equal(runs.length, 2)
  t.ok(runs[0]!.fromMs >= fromMs && runs[0]!.untilMs >= runs[0]!.fromMs + 1_900 && runs[0]!.untilMs <= betweenMs)
  t.ok(runs[1]!.fromMs > betweenMs && runs[1]!.untilMs <= untilMs)
  t.match(await log.latestModelStates(), [{ model: 'btcusdt-logret-168h', state: 'served' }])
})
