import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { startProcess } from '../support/server-process.js'
import { holdDatabase } from './support/hold-database.js'
import { barcast } from './support/run-barcast.js'

t.test('without a server the command opens the database itself, and lets it go', async (t) => {
  const { run, at, database } = barcast(t)
  await holdAndRelease(database)
  t.match(await run(['export', 'predictions', at('one.csv')]), { code: 0, stderr: '' })
  t.match(await run(['export', 'predictions', at('two.csv')]), { code: 0, stderr: '' })
})

t.test('a database that does not exist is not made by a command that only reads', async (t) => {
  const { run, at, database } = barcast(t)
  t.match(await run(['export', 'predictions', at('x.csv')]), { code: 2, stderr: `there is no database ${database}` })
  t.notOk(existsSync(database))
  t.notOk(existsSync(at('x.csv')))
})

t.test('held by a process that is no server: named, exit 2', async (t) => {
  const { run, at, database } = barcast(t)
  await holdAndRelease(database)
  const pid = await holdDatabase(t, database)
  const { code, stderr } = await run(['export', 'predictions', at('x.csv')])
  t.equal(code, 2)
  t.match(stderr, new RegExp(`barcast\\.duckdb is held by another process: .*PID ${pid}\\..*http://127\\.0\\.0\\.1:9 does not answer`))
})

t.test('held by the server at the configured address: it is asked; another server is not', async (t) => {
  const { run, at, database } = barcast(t)
  const server = startProcess({ BARCAST_DATABASE: database })
  const { port } = new URL(await server.url)
  const other = startProcess()
  const { port: otherPort } = new URL(await other.url)
  t.match(await run(['export', 'predictions', at('x.csv')], { env: { BARCAST_PORT: port } }), { code: 0, stderr: '' })
  t.match(await run(['export', 'predictions', at('y.csv')], { env: { BARCAST_PORT: port, BARCAST_HOST: '0.0.0.0' } }), { code: 0 })
  const wrong = await run(['export', 'predictions', at('z.csv')], { env: { BARCAST_PORT: otherPort } })
  t.equal(wrong.code, 2)
  t.match(wrong.stderr, new RegExp(`PID ${server.child.pid}\\..*is process ${other.child.pid}, which serves another database`))
  t.match(await run(['export', 'predictions', at('z.csv'), '--url', await other.url]), { code: 0 }, 'unless it is named')
  t.match(await run(['export', 'predictions', at('m.csv')], { env: { BARCAST_PORT: otherPort, BARCAST_DATABASE: ':memory:' } }), {
    code: 0,
  })
  for (const { child, ended } of [server, other]) {
    child.kill('SIGTERM')
    await ended
  }
})

t.test('no way at all', async (t) => {
  const { run, at, database } = barcast(t)
  const refused = async (words: string[], env: Record<string, string>, message: RegExp) => {
    const { code, stderr } = await run(['export', 'predictions', at('x.csv'), ...words], { env })
    t.equal(code, 2)
    t.match(stderr, message)
  }
  await refused([], { BARCAST_DATABASE: ':memory:' }, /BARCAST_DATABASE is :memory:, which keeps nothing/)
  await refused([], { BARCAST_DATABASE: ':memory:', BARCAST_PORT: '0' }, /BARCAST_PORT is 0/)
  await refused(['--url', 'http://127.0.0.1:9'], {}, /http:\/\/127\.0\.0\.1:9 does not answer/)
  await refused(['--url', 'localhost:8080'], {}, /--url "localhost:8080" is no address/)
  await refused(['--url', 'nonsense'], {}, /--url "nonsense" is no address/)
  t.notOk(existsSync(database))
})

t.test('a server that is not barcast is told so; a name and password go along', async (t) => {
  const { run, at } = barcast(t)
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization)
    response.end('{"status":"alive"}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  t.match(await run(['export', 'predictions', at('x.csv'), '--url', `http://me:s%20t@127.0.0.1:${port}/api/`]), {
    code: 2,
    stderr: `what answers at http://127.0.0.1:${port}/api is no barcast server`,
  })
  t.strictSame(asked, [`Basic ${Buffer.from('me:s t').toString('base64')}`])
})

/** A server for a moment, so that there is a database. */
async function holdAndRelease(database: string): Promise<void> {
  const server = startProcess({ BARCAST_DATABASE: database })
  await server.url
  server.child.kill('SIGTERM')
  await server.ended
}
