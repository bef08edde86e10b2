import { existsSync, readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openDuckdbStore } from '../../../src/store/duckdb.js'
import { bars } from '../support/bars.js'
import { firstBarMs, hourMs, prediction } from '../support/prediction.js'
import { queryFile } from '../support/query-file.js'

t.test('a snapshot while predictions are recorded: whole calls, no hole, opens as a database of ours', async (t) => {
  const folder = t.testdir()
  const store = await openDuckdbStore({ path: join(folder, 'barcast.duckdb') })
  const record = (k: number) =>
    store.record(
      ['a', 'b', 'c'].map((model) => prediction({ id: `${k}${model}`, barTimeMs: firstBarMs + k * hourMs, model })),
      { candles: bars(10, 1, firstBarMs + k * hourMs) },
    )
  await Promise.all(Array.from({ length: 500 }, (_, k) => record(k)))
  const before = await store.revision()
  const to = join(folder, "a copy's name.duckdb")
  let isDone = false
  const copying = store.snapshot(to).then(() => (isDone = true))
  let k = 500
  for (; !isDone; k++) await record(k)
  await copying
  await record(k)
  await store.close()
  t.same(readdirSync(folder).sort(), ["a copy's name.duckdb", 'barcast.duckdb'])

  const tables = `SELECT table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() WHERE NOT internal ORDER BY 1, column_index`
  t.same(await queryFile(to, tables), await queryFile(join(folder, 'barcast.duckdb'), tables), 'tables, views and their comments')
  const copy = await openDuckdbStore({ path: to })
  const rows = await copy.list({ order: 'asc', history: true, limit: 100_000 })
  const revision = await copy.revision()
  t.ok(rows.length >= 1_500 && revision >= before, `${rows.length} rows`)
  t.equal(rows.length, 3 * (revision - before + 500), 'every call is whole')
  t.equal((await copy.candles.coverage({}))[0]?.nBars, rows.length / 3 + 9)
  t.match(await copy.record([prediction({ id: 'new' })]), [{ isNew: true }])
  await copy.close()
})

t.test('a snapshot of a store in memory', async (t) => {
  const to = join(t.testdir(), 'copy.duckdb')
  const store = await openDuckdbStore({ path: ':memory:' })
  await store.record([prediction({ id: 'A' })])
  await store.snapshot(to)
  await store.close()
  t.same(await queryFile(to, 'SELECT id FROM predictions'), [['A']])
})

t.test('a snapshot that cannot be made says why, leaves nothing, and harms nothing', async (t) => {
  const folder = t.testdir()
  const store = await openDuckdbStore({ path: join(folder, 'barcast.duckdb') })
  await store.record([prediction({ id: 'A' })])
  const there = join(folder, 'there.duckdb')
  await writeFile(there, 'mine')
  await t.rejects(store.snapshot(there), { message: /there.duckdb exists already/ })
  await t.rejects(store.snapshot(join(folder, 'no-such-folder', 'copy.duckdb')), { message: /no-such-folder/ })
  await mkdir(join(folder, 'empty'))
  t.same(readdirSync(folder).sort(), ['barcast.duckdb', 'barcast.duckdb.journal', 'barcast.duckdb.wal', 'empty', 'there.duckdb'])
  await store.snapshot(join(folder, 'empty', 'copy.duckdb'))
  t.ok(existsSync(join(folder, 'empty', 'copy.duckdb')))
  t.match(await store.find('A'), { id: 'A' })
  await store.close()
  await t.rejects(store.snapshot(join(folder, 'late.duckdb')), { code: 'store-unavailable' })
})
