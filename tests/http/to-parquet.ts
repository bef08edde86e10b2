import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { toParquet } from '../../src/http/to-parquet.js'
import { temporaryFolder } from '../support/service.js'

async function query(path: string, sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const result = await connection.run(sql.replace('FILE', `'${path}'`))
  const rows = await result.getRowsJson()
  connection.closeSync()
  instance.closeSync()
  return rows
}

t.test('every type, missing values, and what a double can be', async (t) => {
  const path = join(temporaryFolder(t), 'table.parquet')
  const bytes = await toParquet(
    [
      { name: 'text "quoted"', type: 'VARCHAR', values: ['a', "b'c", null] },
      { name: 'double', type: 'DOUBLE', values: Float64Array.of(NaN, -Infinity, 0.1 + 0.2) },
      { name: 'big', type: 'BIGINT', values: [2 ** 53 - 1, -1, undefined] },
      { name: 'small', type: 'INTEGER', values: [1, null, -7] },
      { name: 'yes', type: 'BOOLEAN', values: [true, false, null] },
      { name: 'time', type: 'TIMESTAMP', values: [Date.UTC(2025, 8, 29, 22), Date.UTC(1969, 0, 1) + 1, null] },
      { name: 'doubles', type: 'DOUBLE[]', values: [Float64Array.of(0.25, NaN), [], null] },
      { name: 'names', type: 'VARCHAR[]', values: [['x', 'y'], [], null] },
    ],
    3,
  )
  t.equal(bytes.subarray(0, 4).toString(), 'PAR1')
  writeFileSync(path, bytes)
  const rows = await query(
    path,
    `SELECT "text ""quoted""", CASE WHEN isnan("double") THEN 'nan' ELSE "double"::VARCHAR END, big, small, yes, strftime("time", '%Y-%m-%dT%H:%M:%S.%g'),
       doubles::VARCHAR, names::VARCHAR FROM FILE`,
  )
  t.strictSame(rows, [
    ['a', 'nan', '9007199254740991', 1, true, '2025-09-29T22:00:00.000', '[0.25, nan]', '[x, y]'],
    ["b'c", '-inf', '-1', null, false, '1969-01-01T00:00:00.001', '[]', '[]'],
    [null, '0.30000000000000004', null, -7, null, null, null, null],
  ])
  const codecs = await query(path, `SELECT DISTINCT compression FROM parquet_metadata(FILE)`)
  t.strictSame(codecs, [['SNAPPY']])
})

t.test('no rows, many rows in their order', async (t) => {
  const path = join(temporaryFolder(t), 'table.parquet')
  writeFileSync(path, await toParquet([{ name: 'n', type: 'INTEGER', values: [] }], 0))
  t.strictSame(await query(path, 'SELECT count(*)::INTEGER FROM FILE'), [[0]])
  const nRows = 10_000
  writeFileSync(path, await toParquet([{ name: 'n', type: 'INTEGER', values: Int32Array.from({ length: nRows }, (_, k) => k) }], nRows))
  t.strictSame(
    await query(path, 'SELECT count(*)::INTEGER, bool_and(n = file_row_number) FROM read_parquet(FILE, file_row_number = true)'),
    [[nRows, true]],
  )
})

t.test('nothing is left behind, also when it fails', async (t) => {
  const { TMPDIR } = process.env
  const folder = temporaryFolder(t)
  process.env.TMPDIR = folder
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  })
  const column = (value: unknown) => ({ name: 'n', type: 'INTEGER', values: [value] }) as const
  await toParquet([column(1)], 1)
  await t.rejects(toParquet([column('no number')], 1))
  await t.rejects(toParquet([column(1), column(1)], 1), 'one name twice')
  t.strictSame(readdirSync(folder), [])
})
