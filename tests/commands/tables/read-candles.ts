import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { readCandles } from '../../../src/commands/tables/read-candles.js'
import { withDuckdb } from '../../../src/commands/tables/in-memory-duckdb.js'
import { writeTable } from '../../../src/commands/tables/write-table.js'
import { columns } from '../../../src/candles/column.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

type Row = [number, number, number, number, number, number]

const times = [Date.UTC(2024, 2, 1), Date.UTC(2024, 2, 1, 1)]
const same: Row[] = [
  [times[0]!, 1.5, 2, 1, 1.75, 10],
  [times[1]!, 1.75, 3, 1.5, 2.5, 0],
]

const rowsOf = async (path: string, table?: string) => {
  const { nBars, openTimeMs, open, high, low, close, volume } = await readCandles({ path, table })
  return Array.from({ length: nBars }, (_, bar): Row => {
    return [openTimeMs[bar]!, open[bar]!, high[bar]!, low[bar]!, close[bar]!, volume[bar]!]
  })
}

t.test('CSV in its kinds', async (t) => {
  const folder = temporaryFolder(t)
  const read = async (name: string, text: string | Buffer) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return rowsOf(path)
  }
  const body = '1709251200000,1.5,2,1,1.75,10\n1709254800000,1.75,3,1.5,2.5,0\n'
  const header = 'timestamp,open,high,low,close,volume\n'
  t.strictSame(await read('a.csv', header + body), same)
  t.strictSame(await read('a.TXT', header + body), same)
  t.strictSame(await read('a.csv.gz', gzipSync(header + body)), same)
  t.strictSame(
    await read('b.csv', 'Close,VOLUME,Open_Time,o,H,low,trades\n1.75,10,2024-03-01,1.5,2,1,7\n2.5,0,2024-03-01 01:00:00,1.75,3,1.5,8'),
    same,
  )
  t.strictSame(
    await read(
      'pandas.csv',
      `,open,high,low,close,volume\n2024-03-01 00:00:00,1.5,2,1,1.75,10\n2024-03-01 02:00:00+01:00,1.75,3,1.5,2.5,0\n`,
    ),
    same,
  )
  t.strictSame(await read('first.csv', `"Zeit, UTC",open,high,low,close,volume\r\n${body.replaceAll('\n', '\r\n')}`), same)
  t.rejects(read('bad.csv', `${header}${body}1709258400000,1,1,abc,1,1\n`), {
    name: 'InputError',
    message: /bad\.csv: "abc" is no number.*line 4, column low/,
  })
  t.rejects(read('bad2.csv', `,open,high,low,close,volume\n${body}x,1,1,1,1,1\n`), { message: /"x" is no time.*line 4/ })
  t.rejects(read('seconds.csv', `${header}1709251200,1,1,1,1,1\n`), { message: /seconds, multiply by 1000.*line 2/ })
  t.rejects(read('empty.csv', ''), { message: /empty\.csv: the CSV is empty/ })
  t.rejects(read('header.csv', header), { message: /only a header/ })
  t.rejects(read('semicolon.csv', 'timestamp;open;high;low;close;volume\n1;1;1;1;1;1'), { message: /separated by commas/ })
  t.rejects(read('missing.csv', 'timestamp,open,high,low,close\n1709251200000,1,1,1,1\n'), { message: /column volume missing/ })
  t.rejects(read('latin1.csv', Buffer.from(`${header}1709251200000,1,1,1,1,\xff`, 'latin1')), { message: /not UTF-8/ })
  t.rejects(read('cut.csv.gz', gzipSync(header + body).subarray(0, 40)), { message: /gzip is cut off or damaged/ })
  t.rejects(read('x.pkl', ''), { name: 'InputError', message: /ends in \.csv, \.txt/ })
  t.rejects(rowsOf(join(folder, 'absent.csv')), { code: 'ENOENT' })
})

t.test('Parquet and DuckDB, whatever the types of their columns', async (t) => {
  const folder = temporaryFolder(t)
  const parquet = join(folder, 'a.parquet')
  const database = join(folder, 'a.duckdb')
  const select = (time: string, number: string) =>
    `SELECT ${time} AS "Timestamp", 1.5::${number} AS open, 2::${number} AS high, 1::${number} AS low, 1.75::${number} AS close, 10::${number} AS volume, 'x' AS symbol`
  const kinds = ['TIMESTAMP', 'TIMESTAMP_MS', 'TIMESTAMP_S', 'TIMESTAMP_NS', 'DATE', 'VARCHAR'].map(
    (type) => `(TIMESTAMP '2024-03-01')::${type}`,
  )
  for (const time of [
    ...kinds,
    `TIMESTAMPTZ '2024-03-01 02:00:00+02'`,
    '1709251200000::BIGINT',
    '1709251200000::DOUBLE',
    `'2024-03-01T00:00Z'`,
  ]) {
    await withDuckdb((connection) => connection.run(`COPY (${select(time, 'DOUBLE')}) TO '${parquet}' (FORMAT parquet)`))
    t.strictSame(await rowsOf(parquet), [same[0]], time)
  }
  for (const number of ['FLOAT', 'DECIMAL(18, 8)', 'VARCHAR']) {
    await withDuckdb((connection) => connection.run(`COPY (${select('1709251200000::BIGINT', number)}) TO '${parquet}' (FORMAT parquet)`))
    t.strictSame(await rowsOf(parquet), [same[0]], number)
  }
  await withDuckdb(async (connection) => {
    await connection.run(
      `ATTACH '${database}' AS db; CREATE SCHEMA db.feed; CREATE TABLE db.ohlcv_btcusdt_1h AS ${select(`TIMESTAMP '2024-03-01'`, 'DOUBLE')}`,
    )
    t.strictSame(await rowsOf(parquet), [same[0]])
    await connection.run(
      `CREATE VIEW db.feed."odd ""name" AS ${select(`TIMESTAMP '2024-03-01'`, 'DOUBLE')}; CREATE TABLE db.nothing (ts TIMESTAMP, o DOUBLE, h DOUBLE, l DOUBLE, c DOUBLE, v DOUBLE)`,
    )
    await connection.run(`CREATE TABLE db.holes AS SELECT * FROM db.ohlcv_btcusdt_1h UNION ALL SELECT NULL, 1, 1, 1, 1, 1, 'x'; DETACH db`)
  })
  t.strictSame(await rowsOf(database, 'ohlcv_btcusdt_1h'), [same[0]])
  t.strictSame(await rowsOf(database, 'OHLCV_BTCUSDT_1H'), [same[0]])
  t.strictSame(await rowsOf(database, 'feed.odd "name'), [same[0]])
  t.rejects(rowsOf(database), { name: 'InputError', message: /several tables; --table names one: .*ohlcv_btcusdt_1h/ })
  t.rejects(rowsOf(database, 'ohlcv_btcusdt_4h'), { message: /no table ohlcv_btcusdt_4h; the nearest is ohlcv_btcusdt_1h/ })
  t.rejects(rowsOf(database, 'nothing'), { message: /no candles/ })
  t.rejects(rowsOf(database, 'holes'), { message: /row 2, column Timestamp/ })
  t.rejects(rowsOf(join(folder, 'absent.duckdb'), 'x'), { code: 'ENOENT' })
  writeFileSync(join(folder, 'text.duckdb'), 'no database at all '.repeat(500))
  writeFileSync(join(folder, 'text.parquet'), 'no parquet at all')
  t.rejects(rowsOf(join(folder, 'text.duckdb'), 'x'), { name: 'InputError' })
  t.rejects(rowsOf(join(folder, 'text.parquet')), { name: 'InputError' })
})

t.test('what is written is read back to the same bits', async (t) => {
  const folder = temporaryFolder(t)
  const number = fc.double({ noNaN: true, noDefaultInfinity: true })
  const rows = fc.array(
    fc.tuple(fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) }), number, number, number, number, number),
    { minLength: 1 },
  )
  const layout = {
    name: 'candles',
    columns: columns.map((name, index) => ({
      name,
      type: index === 0 ? ('TIMESTAMP' as const) : ('DOUBLE' as const),
      of: (row: Row) => row[index]!,
    })),
  }
  for (const extension of ['csv', 'csv.gz', 'parquet', 'duckdb']) {
    const path = join(folder, `x.${extension}`)
    await fc.assert(
      fc.asyncProperty(rows, async (written) => {
        // eslint-disable-next-line @typescript-eslint/require-await
        async function* pages() {
          yield written.slice(0, 2)
          yield []
          yield written.slice(2)
        }
        const nRows = await writeTable({ path, force: true, layout }, pages())
        const read = await rowsOf(path)
        return (
          nRows === written.length &&
          read.length === nRows &&
          read.every((row, bar) => row.every((value, column) => Object.is(value, written[bar]![column])))
        )
      }),
      { numRuns: extension.startsWith('csv') ? 100 : 15 },
    )
    t.pass(extension)
  }
})
