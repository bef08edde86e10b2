import { join } from 'node:path'
import t from 'tap'
import { openDuckdbStore } from '../../../src/store/duckdb.js'
import type { NewAbsence } from '../../../src/store/log-store.js'
import { temporaryFolder } from '../../support/service.js'
import { firstBarMs, hourMs } from '../support/prediction.js'

const line = { symbol: 'BTCUSDT', timeframe: '1h', model: 'm' }
const absence = (fields: Partial<NewAbsence> = {}): NewAbsence => ({
  ...line,
  barTimeMs: firstBarMs,
  reason: 'gap',
  detail: '3 candles are missing',
  recordedAtMs: firstBarMs + hourMs,
  ...fields,
})

t.test('what was written down is there after the file was opened again', async (t) => {
  const path = join(temporaryFolder(t), 'log.duckdb')
  const first = await openDuckdbStore({ path })
  const revision = await first.revision()
  const rows = [absence(), absence({ barTimeMs: firstBarMs + hourMs, reason: 'refused', detail: "a model's word" })]
  await first.log.absences(rows)
  await first.log.absences([absence({ detail: 'other words', recordedAtMs: firstBarMs + 2 * hourMs })])
  await first.log.alive({ id: 'r1', fromMs: firstBarMs, untilMs: firstBarMs })
  await first.log.alive({ id: 'r1', fromMs: firstBarMs, untilMs: firstBarMs + 60_000 })
  await first.log.modelStates([
    { model: 'm', state: 'served', fromMs: firstBarMs },
    { model: 'n', state: 'refused', fromMs: firstBarMs },
  ])
  t.equal(await first.revision(), revision, 'no answer that has a revision changed')
  await first.close()

  const { log, ...second } = await openDuckdbStore({ path })
  t.teardown(() => second.close())
  const range = { fromMs: firstBarMs, toMs: firstBarMs + hourMs }
  t.strictSame(await log.listAbsences({ ...line, ...range }), rows, 'one per bar and reason, as it was recorded first')
  t.strictSame(await log.listAbsences({ ...line, ...range, toMs: firstBarMs }), rows.slice(0, 1))
  t.strictSame(await log.listAbsences({ ...line, ...range, model: 'n' }), [])
  await log.absences([absence()])
  t.equal((await log.listAbsences({ ...line, ...range })).length, 2, 'nor after a restart twice')

  t.strictSame(await log.runs(0, firstBarMs), [{ id: 'r1', fromMs: firstBarMs, untilMs: firstBarMs + 60_000 }])
  t.strictSame(await log.runs(firstBarMs + 60_001, firstBarMs + hourMs), [])
  t.strictSame(await log.runs(0, firstBarMs - 1), [])
  await log.modelStates([{ model: 'm', state: 'absent', fromMs: firstBarMs + hourMs }])
  t.strictSame(
    (await log.listModelStates('m', firstBarMs + hourMs)).map(({ state }) => state),
    ['served', 'absent'],
  )
  t.strictSame(
    (await log.listModelStates('m', firstBarMs)).map(({ state }) => state),
    ['served'],
  )
  t.strictSame(
    (await log.latestModelStates()).map(({ model, state }) => [model, state]),
    [
      ['m', 'absent'],
      ['n', 'refused'],
    ],
  )
})

t.test('absences beside predictions, and many at once', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  t.teardown(() => store.close())
  await store.record([], { absences: [absence(), absence({ reason: 'refused' })] })
  const many = Array.from({ length: 3_000 }, (_, k) => absence({ barTimeMs: firstBarMs + k * hourMs }))
  await store.log.absences([...many, ...many])
  const listed = await store.log.listAbsences({ ...line, fromMs: firstBarMs, toMs: firstBarMs + 3_000 * hourMs })
  t.equal(listed.length, 3_001)
})
