import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { barcast } from './commands/support/run-barcast.js'
import { layouts } from './models/support/layouts.js'
import { samples } from './models/support/models-directory.js'
import { noOnnxruntime } from './models/support/onnxruntime.js'
import { startService, temporaryFolder } from './support/service.js'

const root = resolve(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/migrating.md'), 'utf8')
/** The commands of the table, as they are typed. */
const commands = [...page.matchAll(/\| `((?:barcast models|curl) [^`]+)` \|$/gm)].map(([, command]) => command!)

/** Where fixtures hold what can only be refused. */
const refusing = /foxml-run$|crypto-bot |layouts /

t.test('the commands that check a directory do what the page says', { skip: noOnnxruntime }, async (t) => {
  const { run, folder } = barcast(t)
  const runs = join(folder, 'runs/run_20251008_145809_lgbm_y_logret_168h_huber')
  mkdirSync(runs, { recursive: true })
  cpSync(join(samples, 'btcusdt-logret-168h/model.txt'), join(runs, 'model.txt'))
  writeFileSync(join(runs, 'run_metadata.json'), JSON.stringify({ target: 'y_logret_168h', timestamp: '2025-10-08 14:58:09' }))
  const checks = commands.filter((command) => command.startsWith('barcast '))
  t.ok(checks.length >= 6)
  for (const command of checks) {
    const words = command.split(' ').slice(1)
    const path = words[2]!
    const { code, stdout, stderr } = await run(words.with(2, path.startsWith('runs/') ? join(folder, path) : join(root, path)))
    t.equal(stderr, '', command)
    t.equal(code, refusing.test(`${command}`) ? 2 : 0, `${command}: ${stdout}`)
    t.match(stdout, /would be served|"served": [1-9]/, command)
  }
})

t.test('the requests are answered', { skip: noOnnxruntime }, async (t) => {
  const directory = temporaryFolder(t)
  for (const name of ['foxml-run', 'layer-one', 'crypto-bot']) cpSync(join(layouts, name), join(directory, name), { recursive: true })
  cpSync(join(samples, 'btcusdt-up-24h'), join(directory, 'btcusdt-up-24h'), { recursive: true })
  const { app } = await startService(t, { env: { BARCAST_MODELS: directory, BARCAST_ALLOW_UNSIGNED: 'true' } })
  const requests = commands.filter((command) => command.startsWith('curl '))
  t.ok(requests.length >= 11)
  for (const command of requests) {
    const [, method = 'GET', url] = /^curl -s (?:-X (\w+) )?'?http:\/\/127\.0\.0\.1:8080([^']+)'?$/.exec(command) ?? []
    const answer = await app.inject({ method: method as 'GET' | 'POST', url: url! })
    t.equal(answer.statusCode, 200, `${command}: ${answer.body.slice(0, 200)}`)
    if (url!.startsWith('/models/') && method === 'GET') t.match(answer.json(), { state: 'served' }, command)
  }
})
