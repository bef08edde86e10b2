import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { settingNames } from '../src/config.js'
import { readVersion } from '../src/version.js'
import { endingAt, readBtcusdt } from './support/btcusdt.js'
import { killRound } from './support/kill-round.js'
import { startProcess, untilReady } from './support/server-process.js'
import { temporaryFolder } from './support/service.js'

const window = endingAt(readBtcusdt(), Date.UTC(2025, 8, 29, 22), 726)

t.test('--help, --version, anything else', async (t) => {
  const help = await startProcess({}, ['--help']).ended
  t.equal(help.code, 0)
  for (const { name, shown } of settingNames()) t.match(help.stdout, new RegExp(`${name} +${shown}`))
  t.match(await startProcess({}, ['--version']).ended, { code: 0, stdout: `${readVersion()}\n` })
  for (const args of [['serve'], ['--port', '1'], ['--help', 'x']]) {
    t.match(await startProcess({}, args).ended, { code: 2, stderr: /is not understood/ }, args.join(' '))
  }
})

t.test('what cannot start says why, and that is all', async (t) => {
  const folder = temporaryFolder(t)
  const cannot = async (name: string, env: Record<string, string>, message: RegExp) => {
    const { code, stderr } = await startProcess(env).ended
    t.equal(code, 2, name)
    t.match(stderr, message, name)
    t.notMatch(stderr, /^\s+at /m, `${name}: no stack`)
  }
  await cannot('settings', { BARCAST_PORT: 'x', BARCAST_CHECKSUMS: 'y' }, /BARCAST_PORT="x"[\s\S]*BARCAST_CHECKSUMS="y"/)
  await cannot('models directory', { BARCAST_MODELS: join(folder, 'absent') }, /models directory .*absent.* does not exist/)
  writeFileSync(join(folder, 'text.duckdb'), 'this is no database, but long enough to look at. '.repeat(500))
  await cannot('database', { BARCAST_DATABASE: join(folder, 'text.duckdb') }, /text\.duckdb/)
  await cannot('address', { BARCAST_HOST: '203.0.113.7' }, /203\.0\.113\.7 is no address of this machine/)
  if (process.getuid?.() !== 0) {
    mkdirSync(join(folder, 'locked'))
    chmodSync(join(folder, 'locked'), 0o500)
    await cannot('folder', { BARCAST_DATABASE: join(folder, 'locked', 'x.duckdb') }, /locked/)
  }

  const occupied = createServer().listen(0, '127.0.0.1')
  await once(occupied, 'listening')
  t.teardown(() => occupied.close())
  const { port } = occupied.address() as AddressInfo
  await cannot('port', { BARCAST_PORT: String(port) }, new RegExp(`127\\.0\\.0\\.1:${port} is in use`))
})

t.test('a database that another process holds', async (t) => {
  const env = { BARCAST_DATABASE: join(temporaryFolder(t), 'held.duckdb') }
  const holder = startProcess(env)
  await holder.url
  const { code, stderr } = await startProcess(env).ended
  t.equal(code, 2)
  t.match(stderr, new RegExp(`held\\.duckdb.*${holder.child.pid}`), 'names the process')
  holder.child.kill('SIGINT')
  t.match(await holder.ended, { code: 0 })
})

t.test('SIGTERM: what is in flight is answered and stored, then it ends', async (t) => {
  const env = { BARCAST_DATABASE: join(temporaryFolder(t), 'term.duckdb') }
  const server = startProcess(env)
  const url = await server.url
  await untilReady(url)
  const models = ['btcusdt-logret-168h', 'btcusdt-up-24h']
  const asked = Array.from({ length: 50 }, async (_, request) => {
    const candles = { ...window, volume: window.volume.with(-1, request + 0.5) }
    const response = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ models, candles }),
    })
    const { predictions } = (await response.json()) as { predictions: { id: string }[] }
    return predictions.map(({ id }) => id)
  })
  await asked[0]
  const started = Date.now()
  server.child.kill('SIGTERM')
  const answers = await Promise.allSettled(asked)
  t.match(await server.ended, { code: 0, stdout: /"msg":"closed"/ })
  t.ok(Date.now() - started < 8_000, 'soon')
  const answered = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  t.ok(answered.length > 0)
  const lost = answers
    .filter((answer) => answer.status === 'rejected')
    .map(({ reason }: PromiseRejectedResult) => (reason as { cause?: { code?: string } }).cause?.code)
  t.ok(
    lost.every((code) => code === 'ECONNREFUSED'),
    `only connections that came later are refused: ${lost.join()}`,
  )

  const again = startProcess(env)
  const secondUrl = await again.url
  for (const id of answered) t.equal((await fetch(`${secondUrl}/predictions/${id}`)).status, 200)
  again.child.kill('SIGTERM')
  t.match(await again.ended, { code: 0 })
})

t.test('kill -9 in the middle of 200 predictions loses nothing that was answered', async (t) => {
  const database = join(temporaryFolder(t), 'kill.duckdb')
  for (const [round, killAfterAnswers] of [20, 120].entries()) {
    const { answered, lost } = await killRound(database, window, 200, killAfterAnswers, round)
    t.ok(answered >= killAfterAnswers, `${answered} answered`)
    t.strictSame(lost, [])
  }
})
