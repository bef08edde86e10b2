import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import { bars } from './support/bars.js'
import { storeContract } from './support/contract.js'
import { copyAsKilled } from './support/copy-as-killed.js'
import { firstBarMs, hourMs, prediction } from './support/prediction.js'
import { queryFile } from './support/query-file.js'

let files = 0
const folder = t.testdir()
const newPath = () => join(folder, `new-folder-${files++}`, 'barcast.duckdb')

t.test('a file keeps the contract', (t) =>
  storeContract(t, () => {
    let path = newPath()
    const open = () => openDuckdbStore({ path })
    const crash = () => {
      path = copyAsKilled(path)
      return open()
    }
    return Promise.resolve({ open, reopen: open, crash })
  }),
)

t.test('memory keeps the contract', (t) =>
  storeContract(t, () => Promise.resolve({ open: () => openDuckdbStore({ path: ':memory:' }), reopen: undefined, crash: undefined })),
)

t.test('calls that wait commit together', async (t) => {
  const commits: number[] = []
  const store = await openDuckdbStore({ path: newPath(), onCommit: (rows) => commits.push(rows) })
  const first = await store.revision()
  await Promise.all(Array.from({ length: 100 }, (_, k) => store.record([prediction({ id: `W${k}`, model: `m${k}` })])))
  t.equal(
    commits.reduce((sum, rows) => sum + rows, 0),
    100,
  )
  t.ok(commits.length <= 3, `${commits.length} commits`)
  t.equal(await store.revision(), first + 100, 'and each has its number')
  await store.record([prediction({ id: 'W0', model: 'm0' })])
  t.equal(await store.revision(), first + 100, 'known ones cost no commit')
  await store.close()
})

t.test('every durable commit is told, with its rows, and what brings it into the tables', async (t) => {
  const commits: [number, number][] = []
  const tables: number[] = []
  let waitingSeconds = () => NaN
  const store = await openDuckdbStore({
    path: newPath(),
    onCommit: (...commit) => commits.push(commit),
    onTables: (seconds) => tables.push(seconds),
    watchTables: (ask) => (waitingSeconds = ask),
  })
  t.equal(waitingSeconds(), 0, 'nothing waits')
  await store.record([prediction({ id: 'A' })])
  const waited = waitingSeconds()
  t.ok(waited > 0, 'it is in the journal')
  t.ok(waitingSeconds() > waited, 'for longer and longer')
  t.same(tables, [])
  await store.find('A')
  t.equal(waitingSeconds(), 0, 'a read brings it into the tables')
  t.equal(tables.length, 1)
  t.ok(tables[0]! > 0)

  const series = { symbol: 'BTCUSDT', timeframe: '1h' }
  const barTimeMs = firstBarMs
  const absence = { ...series, model: 'm', barTimeMs, reason: 'gap', detail: 'd', recordedAtMs: 0 } as const
  const job = { id: 'j', kind: 'k', state: 'running', request: '{}', progress: '{}', result: null, createdAtMs: 0, updatedAtMs: 0 } as const
  const outcome = { predictionId: 'A', ...series, model: 'm', barTimeMs, status: 'unsettleable', rule: 'r', reason: 'x' } as const
  const unknown = {
    entryClose: null,
    exitClose: null,
    realised: null,
    error: null,
    hit: null,
    covered: null,
    realisedClass: null,
    drawdown: null,
  }
  const steps: [() => Promise<unknown>, number | undefined][] = [
    [() => store.record([prediction({ id: 'A' })]), undefined],
    [() => store.candles.keep(series, bars(5, 1), 0), 5],
    [() => store.candles.keep(series, bars(5, 1), 0), undefined],
    [() => store.record([prediction({ id: 'B' })], { candles: bars(7, 1) }), 3],
    [() => store.record([], { absences: [absence] }), 1],
    [() => store.record([prediction({ id: 'C' })], { absences: [absence, { ...absence, model: 'other' }] }), 2],
    [() => store.log.absences([absence]), undefined],
    [() => store.log.absences([{ ...absence, reason: 'refused' }]), 1],
    [() => store.log.alive({ id: 'r', fromMs: 0, untilMs: 1 }), 1],
    [() => store.log.modelStates(['a', 'b'].map((model) => ({ model, state: 'served', fromMs: 0 }))), 2],
    [() => store.outcomes.record([1, 2, 3].map((settledAtMs) => ({ ...outcome, ...unknown, drawdown: null, settledAtMs }))), 3],
    [() => store.outcomes.record([], 5), 1],
    [() => store.jobs.add(job), 1],
    [() => store.jobs.update(job), 1],
  ]
  for (const [k, [step, rows]] of steps.entries()) {
    commits.length = 0
    await step()
    t.same(
      commits.map(([told]) => told),
      rows === undefined ? [] : [rows],
      `step ${k}`,
    )
    t.ok(commits.every(([, seconds]) => seconds > 0))
  }
  await store.close()
})

t.test('more bars than are remembered', async (t) => {
  const store = await openDuckdbStore({ path: newPath() })
  const bars = Array.from({ length: 10_100 }, (_, k) => prediction({ id: `A${k}`, barTimeMs: firstBarMs + k * hourMs }))
  for (let from = 0; from < bars.length; from += 1_000) await store.record(bars.slice(from, from + 1_000))
  for (const k of [0, 9_999, 10_000, 10_001, 10_099]) {
    const [again] = await store.record([bars[k]!])
    t.match(again, { isNew: false, prediction: { id: `A${k}`, supersededBy: null } })
    const [newer] = await store.record([{ ...bars[k]!, id: `B${k}` }])
    t.match(newer, { isNew: true, prediction: { supersedes: `A${k}` } })
    const [older] = await store.record([bars[k]!])
    t.match(older, { isNew: false, prediction: { id: `A${k}`, supersededBy: `B${k}` } })
  }
  t.equal((await store.list({ order: 'asc', history: true, limit: 20_000 })).length, 10_105)
  await store.close()
})

t.test('a file that is deleted and made anew does not repeat the numbers of the old one', async (t) => {
  const path = newPath()
  const revisions: number[] = []
  for (let round = 0; round < 2; round++) {
    const store = await openDuckdbStore({ path })
    revisions.push(await store.revision())
    for (const id of ['A', 'B', 'C']) {
      await store.record([prediction({ id })])
      revisions.push(await store.revision())
    }
    await store.close()
    await rm(path)
  }
  t.equal(new Set(revisions).size, 8, String(revisions))
})

t.test('what a user sees who opens the file', async (t) => {
  const path = newPath()
  const store = await openDuckdbStore({ path })
  await store.record([prediction({ id: 'A', yRaw: Float64Array.of(1, NaN) }), prediction({ id: 'B' })])
  await store.close()
  t.same(await readdir(join(path, '..')), ['barcast.duckdb'], 'no log is left behind')
  const seen = await queryFile(
    path,
    `SELECT id, bar_time::VARCHAR, y_raw::VARCHAR, supersedes, superseded_by, created_at::VARCHAR, input_first::VARCHAR FROM predictions ORDER BY id`,
  )
  t.same(seen, [
    ['A', '2025-01-01 00:00:00', '[1.0, nan]', null, 'B', '2025-01-01 01:00:00.123', '2024-12-01 19:00:00'],
    ['B', '2025-01-01 00:00:00', '[0.030967558971535417]', 'A', null, '2025-01-01 01:00:00.123', '2024-12-01 19:00:00'],
  ])
})

t.test('the documentation lists the tables and their columns in the words of the file', async (t) => {
  const path = newPath()
  await (await openDuckdbStore({ path })).close()
  const inFile = await queryFile(
    path,
    `SELECT table_name, column_name, data_type, comment FROM duckdb_columns()
     WHERE table_name IN (SELECT table_name FROM duckdb_tables()) ORDER BY table_name, column_index`,
  )
  const page = await readFile(new URL('../../docs/store.md', import.meta.url), 'utf8')
  const documented = page
    .split(/^## /m)
    .flatMap((section) =>
      Array.from(section.matchAll(/^\| `(\w+)` \| `([^`]+)` \| (.*?) *\|$/gm), ([, ...cells]) => [
        /^Table `(\w+)`/.exec(section)?.[1],
        ...cells,
      ]),
    )
  for (const name of new Set(inFile.map(([name]) => name))) {
    t.same(
      documented.filter(([of]) => of === name),
      inFile.filter(([of]) => of === name),
      `table ${name as string}`,
    )
  }
  t.equal(documented.length, inFile.length)
  const views = await queryFile(path, 'SELECT view_name FROM duckdb_views() WHERE NOT internal')
  for (const [view] of views) t.match(page, `\`${view as string}\``, `the page names the view ${view as string}`)
})

t.test('files that are not ours are refused in plain words, and left as they are', async (t) => {
  const foreign = newPath()
  await mkdir(join(foreign, '..'))
  await queryFile(foreign, 'CREATE TABLE candles (t INTEGER)')
  await t.rejects(openDuckdbStore({ path: foreign }), { message: /something else: it has the tables candles/ })
  t.same(await queryFile(foreign, 'SELECT table_name FROM duckdb_tables()'), [['candles']])

  const newer = newPath()
  await (await openDuckdbStore({ path: newer })).close()
  await queryFile(newer, 'INSERT INTO barcast_schema VALUES (99, now()::TIMESTAMP)')
  const emptied = newPath()
  await (await openDuckdbStore({ path: emptied })).close()
  await queryFile(emptied, 'DELETE FROM barcast_schema')
  await t.rejects(openDuckdbStore({ path: emptied }), { message: /barcast_schema that states no version.*Restore a backup/ })
  await queryFile(emptied, 'DROP TABLE barcast_schema; CREATE TABLE barcast_schema (x INTEGER)')
  await t.rejects(openDuckdbStore({ path: emptied }), { message: /barcast_schema that states no version/ })

  await t.rejects(openDuckdbStore({ path: newer }), { message: /schema version 99, and this barcast knows versions up to 3/ })

  const text = newPath()
  await mkdir(join(text, '..'))
  await writeFile(text, 'id,y_pred\n'.repeat(1000))
  await t.rejects(openDuckdbStore({ path: text }), { message: /exists, but it is not a DuckDB file/ })

  await t.rejects(openDuckdbStore({ path: folder }), { message: /cannot be opened: .*directory/i })
  await t.rejects(openDuckdbStore({ path: join(text, 'below-a-file', 'x.duckdb') }), { message: /cannot be opened: / })
})

t.test('a file that another process holds: who holds it', async (t) => {
  const path = newPath()
  await (await openDuckdbStore({ path })).close()
  const holder = spawn(
    process.execPath,
    [
      '-e',
      `require('@duckdb/node-api').DuckDBInstance.create(process.argv[1]).then(() => console.log('held')); setInterval(() => {}, 1000)`,
      path,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(holder.stdout, 'data')
  const message = new RegExp(`held by another process.*PID ${holder.pid}`)
  await t.rejects(openDuckdbStore({ path }), process.platform === 'linux' ? { message } : { message: /held by another process/ })
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const store = await openDuckdbStore({ path })
  t.same(await store.list({ order: 'asc', history: true, limit: 1 }), [])
  await store.close()
})

t.test('closing lets the file go', { skip: process.platform !== 'linux' && 'reads /proc/self/fd' }, async (t) => {
  const path = newPath()
  const store = await openDuckdbStore({ path })
  await store.record([prediction({ id: 'A' })])
  await store.find('A')
  t.ok((await openFiles()).includes(path))
  await store.close()
  t.notOk((await openFiles()).includes(path))
})

async function openFiles(): Promise<string[]> {
  const handles = await readdir('/proc/self/fd')
  return Promise.all(handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => '')))
}
