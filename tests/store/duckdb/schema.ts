import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { columns, nColumnsOfVersion1 } from '../../../src/store/duckdb/columns.js'
import { openDuckdbStore } from '../../../src/store/duckdb.js'
import { bars } from '../support/bars.js'
import { prediction } from '../support/prediction.js'
import { queryFile } from '../support/query-file.js'

let files = 0
const folder = t.testdir()
const newPath = () => join(folder, `${files++}.duckdb`)

t.test('a file of schema version 1 is brought up to date, and nothing in it is lost', async (t) => {
  const path = newPath()
  await queryFile(path, await readFile(new URL('../../fixtures/store-version-1.sql', import.meta.url), 'utf8'))
  const columnsOfVersion1 = columns.slice(0, nColumnsOfVersion1)
  const inserted = 3_000
  await queryFile(
    path,
    `INSERT INTO barcast_schema VALUES (1, '2025-01-01');
     INSERT INTO predictions SELECT ${columnsOfVersion1.map(({ name, sqlType }) => `${oldValue(name, sqlType)} AS ${name}`).join(', ')}
     FROM range(${inserted}) AS old(i)`,
  )
  let store = await openDuckdbStore({ path })
  const revision = await store.revision()
  t.equal(revision, 2_000_000_000_000 + inserted - 1, 'the numbers go on')
  t.match(await store.find('17'), { id: '17', quantile: null, source: 'candles', revision: 2_000_000_000_017, yPred: Float64Array.of(17) })
  t.equal((await store.find('17'))?.thresholds.length, 0)
  const [recorded] = await store.record([prediction({ id: 'new', quantile: 0.5, thresholds: Float64Array.of(1), source: 'features' })], {
    candles: bars(3, 1),
  })
  t.match(recorded, { isNew: true, prediction: { revision: revision + 1 } })
  await store.close()
  store = await openDuckdbStore({ path })
  t.match(await store.find('new'), { quantile: 0.5, thresholds: Float64Array.of(1), source: 'features' })
  t.equal((await store.list({ order: 'asc', history: true, limit: 10_000 })).length, inserted + 1)
  await store.close()
  const fresh = newPath()
  await (await openDuckdbStore({ path: fresh })).close()
  const everything = `SELECT table_name, column_name, data_type, is_nullable, column_default, comment FROM duckdb_columns()
                      WHERE NOT internal ORDER BY table_name, column_index`
  t.same(await queryFile(path, everything), await queryFile(fresh, everything), 'it has the tables of a new file')
  t.same(await queryFile(path, 'SELECT version FROM barcast_schema ORDER BY 1'), [[1], [2], [3]])

  function oldValue(name: string, sqlType: string): string {
    if (name === 'id') return 'i::VARCHAR'
    if (name === 'revision') return '2000000000000 + i'
    if (name.startsWith('supersede')) return 'NULL'
    if (sqlType.startsWith('TIMESTAMP')) return `TIMESTAMP '2025-01-01' + to_hours(i)`
    if (sqlType.startsWith('DOUBLE[]')) return '[i::DOUBLE]'
    if (sqlType.startsWith('VARCHAR[]')) return `['${name}']`
    return sqlType.startsWith('VARCHAR') ? `'${name}'` : '1'
  }
})

t.test('a file of schema version 2 keeps its feature rows', async (t) => {
  const path = newPath()
  await (await openDuckdbStore({ path })).close()
  await queryFile(
    path,
    `ALTER TABLE feature_rows DROP COLUMN negative_zeros;
     DELETE FROM barcast_schema WHERE version = 3;
     INSERT INTO feature_names VALUES ('n', ['f', 'g'], 1);
     INSERT INTO feature_rows VALUES ('v1', 'X', '1h', '2025-01-01', 'n', [1::DOUBLE, 'nan'], '2025-01-02', 1)`,
  )
  const store = await openDuckdbStore({ path })
  const rows = await store.features.list({ order: 'asc', limit: 10 })
  t.match(rows, [{ names: ['f', 'g'], barTimeMs: Date.UTC(2025, 0, 1) }])
  t.same([...(rows[0]?.values ?? [])], [1, NaN])
  await store.features.keep(rows.map((row) => ({ ...row, values: Float64Array.of(-0, 0) })))
  t.match((await store.features.list({ order: 'asc', limit: 10 }))[0]?.values, Float64Array.of(-0, 0))
  await store.close()
})
