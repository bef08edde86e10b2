import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { withDuckdb } from '../../src/commands/tables/in-memory-duckdb.js'
import { endingAt, readBtcusdt, toCsvText } from '../support/btcusdt.js'
import { startProcess } from '../support/server-process.js'
import { barcast } from './support/run-barcast.js'

const bars = endingAt(readBtcusdt(), Date.UTC(2025, 8, 29, 22), 300)

const countCandles = (path: string) =>
  withDuckdb(async (connection) => {
    await connection.run(`ATTACH '${path}' AS copy (READ_ONLY)`)
    return (await (await connection.run('SELECT count(*)::INT FROM copy.candles')).getRows())[0]![0]
  })

t.test('a copy while a server serves, and without one', async (t) => {
  const { run, at, database, folder } = barcast(t)
  writeFileSync(at('in.csv'), toCsvText(bars))
  const server = startProcess({ BARCAST_DATABASE: database })
  const url = await server.url
  const env = { BARCAST_PORT: new URL(url).port }
  await run(['import', 'candles', at('in.csv'), '--symbol', 'BTCUSDT'], { env })
  const { code, stdout, stderr } = await run(['snapshot', at('copy.duckdb')], { env })
  t.match({ code, stderr }, { code: 0, stderr: '' })
  t.match(stdout, new RegExp(`copy\\.duckdb: \\d+ bytes, a copy of ${url}`))
  t.equal(await countCandles(at('copy.duckdb')), 300, 'another program opens it while the server serves')
  t.match(await run(['snapshot', at('copy.duckdb')], { env }), { code: 2, stderr: /copy\.duckdb exists already; --force replaces it/ })

  const head = await fetch(`${url}/snapshot`, { method: 'HEAD' })
  t.ok(head.status >= 400, 'no copy is made for nothing')
  const [first, second] = await Promise.all([fetch(`${url}/snapshot`), fetch(`${url}/snapshot`)])
  const statuses = [first.status, second.status].sort()
  t.ok(statuses[0] === 200 && (statuses[1] === 200 || statuses[1] === 503), `one at a time: ${statuses.join()}`)
  await Promise.all([first.arrayBuffer(), second.arrayBuffer()])

  server.child.kill('SIGTERM')
  await server.ended
  t.match(await run(['snapshot', at('copy.duckdb'), '--force']), { code: 0, stdout: `a copy of ${database}` })
  t.equal(await countCandles(at('copy.duckdb')), 300)
  t.match(
    await run(['export', 'candles', at('out.csv')], { env: { BARCAST_DATABASE: at('copy.duckdb') } }),
    { code: 0, stdout: '300 bars' },
    'barcast opens it too',
  )
  t.strictSame(
    readdirSync(folder).filter((name) => /snapshot|partial/.test(name)),
    [],
    'nothing is left over',
  )
})

t.test('what a killed process left behind goes at the next start', async (t) => {
  const { run, at, database } = barcast(t)
  writeFileSync(at('in.csv'), toCsvText(bars))
  await run(['import', 'candles', at('in.csv'), '--symbol', 'BTCUSDT'])
  mkdirSync(`${database}.snapshot-abc123`)
  writeFileSync(`${database}.snapshot-abc123/copy.duckdb`, 'half')
  mkdirSync(`${database}.mine`)
  t.match(await run(['snapshot', at('copy.duckdb')]), { code: 0 })
  t.notOk(existsSync(`${database}.snapshot-abc123`))
  t.ok(existsSync(`${database}.mine`), 'nothing else')
})

t.test('a database in memory can be copied as well', async (t) => {
  const { run, at } = barcast(t)
  writeFileSync(at('in.csv'), toCsvText(bars))
  const server = startProcess()
  const url = await server.url
  await run(['import', 'candles', at('in.csv'), '--symbol', 'BTCUSDT', '--url', url])
  t.match(await run(['snapshot', at('copy.duckdb'), '--url', url]), { code: 0 })
  t.equal(await countCandles(at('copy.duckdb')), 300)
  server.child.kill('SIGTERM')
  await server.ended
})
