import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { createOpenSource } from '../../../src/following/open-source.js'
import { createMarket } from '../support/market.js'

const durMs = 60_000
const startMs = Date.UTC(2025, 0, 1)
const never = new AbortController().signal
const market = createMarket(durMs)

async function run(path: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement)
  connection.closeSync()
  instance.closeSync()
}

function insert(table: string, from: number, to: number, stamp: (ms: number) => string): string {
  const rows = Array.from({ length: to - from }, (_, n) => market.row(startMs + (from + n) * durMs))
  return `INSERT INTO ${table} VALUES ${rows.map(([ms, ...cells]) => `(${stamp(ms!)}, ${cells.join(', ')})`).join(', ')}`
}

const values = 'open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE'

t.test('tables with stamps of every kind; rows that are added are seen', async (t) => {
  const path = join(t.testdir(), 'their.duckdb')
  const iso = (ms: number) => new Date(ms).toISOString().slice(0, -1).replace('T', ' ')
  const kinds = {
    naive: ['TIMESTAMP', (ms: number) => `'${iso(ms)}'`],
    zoned: ['TIMESTAMPTZ', (ms: number) => `'${iso(ms)}+00'`],
    numbers: ['BIGINT', (ms: number) => String(ms)],
    texts: ['VARCHAR', (ms: number) => `'${iso(ms)}'`],
    seconds: ['TIMESTAMP_S', (ms: number) => `'${iso(ms)}'`],
  } as const
  const open = createOpenSource({}, join(t.testdir(), 'own.duckdb'))
  const source = (table: string) => open({ kind: 'duckdb', path, table }, { symbol: 'X', timeframe: '1m' })
  for (const [table, [type, stamp]] of Object.entries(kinds)) {
    await run(path, `CREATE TABLE ${table} (timestamp ${type}, ${values}, created_at TIMESTAMP DEFAULT now())`)
    await run(path, insert(`${table} (timestamp, open, high, low, close, volume)`, 0, 5, stamp))
    const bars = await source(table).page(startMs + 2 * durMs, never)
    t.strictSame(
      [...(bars?.openTimeMs ?? [])],
      [2, 3, 4].map((n) => startMs + n * durMs),
      table,
    )
    t.equal(bars?.close[0], market.row(startMs + 2 * durMs)[4])
    await run(path, insert(`${table} (timestamp, open, high, low, close, volume)`, 5, 7, stamp))
    t.equal((await source(table).page(startMs, never))?.nBars, 7)
    t.equal(await source(table).page(startMs + 100 * durMs, never), undefined)
  }
  // Several looks at one file at a time wait for each other.
  const both = await Promise.all(Object.keys(kinds).map((table) => source(table).page(startMs, never)))
  t.ok(both.every((bars) => bars?.nBars === 7))
  await t.rejects(source('nothing').page(startMs, never), { reason: 'unreadable', message: /no table nothing/ })
  await run(path, `CREATE TABLE other (a INTEGER)`, `CREATE TABLE gaps (timestamp BIGINT, ${values})`)
  await run(path, `INSERT INTO gaps VALUES (${startMs}, 1, 2, 1, NULL, 3)`)
  await t.rejects(source('other').page(startMs, never), { reason: 'bad-candles', message: /no column timestamp, open/ })
  await t.rejects(source('gaps').page(startMs, never), { reason: 'bad-candles', message: /close of row 1/ })
})

t.test('held by its writer: told so, readable afterwards; our own database is refused', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'their.duckdb')
  await run(path, `CREATE TABLE bars (timestamp BIGINT, ${values})`, insert('bars', 0, 3, String))
  const source = createOpenSource({}, join(folder, 'own.duckdb'))({ kind: 'duckdb', path, table: 'bars' }, { symbol: 'X', timeframe: '1m' })
  const script = `import { DuckDBInstance } from '@duckdb/node-api'
    const instance = await DuckDBInstance.create(${JSON.stringify(path)})
    console.log('open'); setInterval(() => instance, 1000)`
  const writer = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: process.cwd(),
  })
  t.teardown(() => writer.kill('SIGKILL'))
  await once(writer.stdout, 'data')
  await t.rejects(source.page(startMs, never), { reason: 'held', message: /held by another process/ })
  writer.kill('SIGKILL')
  await once(writer, 'close')
  t.equal((await source.page(startMs, never))?.nBars, 3)

  const own = createOpenSource({}, path)({ kind: 'duckdb', path, table: 'bars' }, { symbol: 'X', timeframe: '1m' })
  await t.rejects(own.page(startMs, never), { reason: 'unreadable', message: /database of this service/ })
  const absent = createOpenSource({}, path)({ kind: 'duckdb', path: join(folder, 'x'), table: 'bars' }, { symbol: 'X', timeframe: '1m' })
  await t.rejects(absent.page(startMs, never), { reason: 'unreadable', message: /does not exist/ })
})
