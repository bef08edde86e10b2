import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { Problem } from '../../src/errors.js'
import type { JobContext, JobKind, JsonObject } from '../../src/jobs/job-kind.js'
import { createJobRunner, type JobRunner } from '../../src/jobs/runner.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import { copyAsKilled } from '../store/support/copy-as-killed.js'
import { temporaryFolder } from '../support/temporary-folder.js'

/** Counts to what is asked, a step per turn; says how often it ran. */
function counting(): JobKind & { runs: number; most: number; running: number } {
  const kind = {
    name: 'counting',
    runs: 0,
    running: 0,
    most: 0,
    remainsOf: ({ list: _, ...remains }: JsonObject) => remains,
    async run(request: unknown, context: JobContext): Promise<JsonObject> {
      const { signal } = context
      const { to, fail } = request as { to: number; fail?: string }
      kind.runs++
      kind.most = Math.max(kind.most, ++kind.running)
      try {
        for (let step = 1; step <= to; step++) {
          signal.throwIfAborted()
          context.progress({ step })
          context.note({ step })
          await setTimeout(1)
        }
        if (fail === 'problem') throw new Problem('gap', 'there is a gap')
        if (fail === 'bug') throw new Error('secret')
        return { reached: to }
      } finally {
        kind.running--
      }
    },
  }
  return kind
}

async function untilEnded(jobs: JobRunner, id: string) {
  for (;;) {
    const job = await jobs.find('counting', id)
    if (job!.state !== 'waiting' && job!.state !== 'running') return job!
    await setTimeout(5)
  }
}

t.test('jobs run one after the other and are kept', async (t) => {
  const path = join(temporaryFolder(t), 'jobs.duckdb')
  const store = await openDuckdbStore({ path })
  const kind = counting()
  const jobs = createJobRunner({ store: store.jobs, kinds: [kind], nowMs: Date.now })
  const revision = await store.revision()
  const begun = await Promise.all([20, 5, 1].map((to) => jobs.start('counting', { to })))
  t.match(await jobs.find('counting', begun[2]!.id), { state: 'waiting', progress: {}, result: null })
  for (const [k, job] of begun.entries()) t.match(await untilEnded(jobs, job.id), { state: 'done', result: { reached: [20, 5, 1][k] } })
  t.strictSame([kind.runs, kind.most], [3, 1])
  t.strictSame(jobs.notes(begun[1]!.id, 3, 10), { lines: [{ step: 4 }, { step: 5 }], next: 5, lost: 0 })
  t.equal(jobs.notes('other', 3, 10), undefined)
  t.equal(await store.revision(), revision, 'no answer that carries a revision shows jobs')
  t.equal(await jobs.find('other-kind', begun[0]!.id), undefined)
  await jobs.close()
  await store.close()

  const again = await openDuckdbStore({ path })
  const later = createJobRunner({ store: again.jobs, kinds: [kind], nowMs: Date.now })
  await later.resume()
  const listed = await later.list('counting', 10)
  t.equal(listed.length, 3)
  t.match(listed, [{ state: 'done' }, { state: 'done' }, { state: 'done' }])
  t.match(await later.find('counting', begun[0]!.id), { progress: { step: 20 }, result: { reached: 20 } })
  t.equal(kind.runs, 3, 'what is done is not done again')
  await again.close()
})

t.test('a failure is kept with its code, and the next job runs', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  const failures: unknown[] = []
  const jobs = createJobRunner({ store: store.jobs, kinds: [counting()], nowMs: Date.now, onFailure: (_, cause) => failures.push(cause) })
  const [problem, bug, fine] = await Promise.all(['problem', 'bug', undefined].map((fail) => jobs.start('counting', { to: 1, fail })))
  t.match(await untilEnded(jobs, problem!.id), { state: 'failed', result: { error: { code: 'gap', detail: 'there is a gap' } } })
  const internal = await untilEnded(jobs, bug!.id)
  t.match(internal, { state: 'failed', result: { error: { code: 'internal' } } })
  t.notMatch(JSON.stringify(internal), /secret/)
  t.match(await untilEnded(jobs, fine!.id), { state: 'done' })
  t.equal(failures.length, 2)
  await jobs.close()
  await store.close()
})

t.test('cancelled: running, waiting, ended, unknown', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  const jobs = createJobRunner({ store: store.jobs, kinds: [counting()], nowMs: Date.now })
  const [running, waiting] = await Promise.all([1e9, 1].map((to) => jobs.start('counting', { to })))
  await setTimeout(20)
  t.match(await jobs.cancel('counting', waiting!.id), { state: 'cancelled' })
  t.match(await jobs.cancel('counting', running!.id), { state: 'cancelled', result: {} })
  t.match(await store.jobs.find(running!.id), { state: 'cancelled' })
  t.match(await jobs.cancel('counting', running!.id), { state: 'cancelled' }, 'twice is once')
  t.equal(await jobs.cancel('counting', 'none'), undefined)
  const done = await jobs.start('counting', { to: 1 })
  await untilEnded(jobs, done.id)
  t.match(await jobs.cancel('counting', done.id), { state: 'done' })
  await jobs.close()
  await store.close()
})

t.test('what was running when the process ended is taken up again', async (t) => {
  const path = join(temporaryFolder(t), 'jobs.duckdb')
  const store = await openDuckdbStore({ path })
  const jobs = createJobRunner({ store: store.jobs, kinds: [counting()], nowMs: Date.now })
  const first = await jobs.start('counting', { to: 1e9 })
  const second = await jobs.start('counting', { to: 3 })
  await setTimeout(20)
  await jobs.close()
  t.match(await store.jobs.find(first.id), { state: 'running', result: null })
  await t.rejects(jobs.start('counting', { to: 1 }), { code: 'store-unavailable' })
  await store.close()

  const again = await openDuckdbStore({ path })
  const kind = counting()
  const later = createJobRunner({ store: again.jobs, kinds: [kind], nowMs: Date.now })
  t.match(await later.find('counting', first.id), { state: 'running' }, 'before it is taken up')
  await later.resume()
  await later.resume()
  t.match(await later.cancel('counting', first.id), { state: 'cancelled' })
  t.match(await untilEnded(later, second.id), { state: 'done', result: { reached: 3 } })
  t.equal(kind.runs, 2)
  await later.close()
  await again.close()
})

t.test('progress of a job with a large request costs little, and the request goes when the job has ended', async (t) => {
  const path = join(temporaryFolder(t), 'jobs.duckdb')
  const store = await openDuckdbStore({ path })
  const written = () => [path, `${path}.wal`].reduce((bytes, file) => bytes + (existsSync(file) ? statSync(file).size : 0), 0)
  let nowMs = 0
  // Each step is saved.
  const jobs = createJobRunner({ store: store.jobs, kinds: [counting()], nowMs: () => (nowMs += 1_000) })
  const list = Array.from({ length: 50_000 }, (_, k) => 1_700_000_000_000 + k)
  const before = written()
  const { id } = await jobs.start('counting', { to: 1e9, list })
  while (((await jobs.find('counting', id))!.progress as { step?: number }).step !== 20) await setTimeout(1)
  t.match(await store.jobs.find(id), { state: 'running', request: JSON.stringify({ to: 1e9, list }) })
  const bytes = written() - before
  t.ok(bytes < 1_000_000, `${bytes} bytes for a request of 700,000 and 20 steps`)

  const killed = await openDuckdbStore({ path: copyAsKilled(path) })
  t.match(await killed.jobs.find(id), { state: 'running', progress: /step/, request: JSON.stringify({ to: 1e9, list }) })
  await killed.close()

  t.match(await jobs.cancel('counting', id), { state: 'cancelled' })
  t.match(await store.jobs.find(id), { state: 'cancelled', kind: 'counting', request: '{"to":1000000000}', createdAtMs: 1_000 })
  await jobs.close()
  await store.close()
})

t.test('too many jobs that wait, or too much of them, are refused', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  const jobs = createJobRunner({ store: store.jobs, kinds: [counting()], nowMs: Date.now })
  const full = { code: 'overloaded', retryAfterSeconds: Number }
  const first = await jobs.start('counting', { to: 1e9 })
  const asked = await Promise.allSettled(Array.from({ length: 203 }, () => jobs.start('counting', { to: 1 })))
  t.strictSame(new Set(asked.slice(0, 200).map(({ status }) => status)), new Set(['fulfilled']), 'those that came first wait')
  t.match(asked.slice(200), [{ reason: full }, { reason: full }, { reason: full }])
  t.equal((await jobs.list('counting', 1_000)).length, 201, 'nothing is left of those that were refused')
  const [second] = asked.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
  await jobs.cancel('counting', second!.id)
  const last = await jobs.start('counting', { to: 1 })
  await t.rejects(jobs.start('counting', { to: 1 }), full, 'one place was free')
  await jobs.cancel('counting', first.id)
  await untilEnded(jobs, last.id)

  const running = await jobs.start('counting', { to: 1e9 })
  const list = 'x'.repeat(9_000_000)
  const large = await jobs.start('counting', { to: 1, list })
  await t.rejects(jobs.start('counting', { to: 1, list }), full, 'together they are too large')
  await jobs.start('counting', { to: 1 })
  await jobs.cancel('counting', running.id)
  t.match(await untilEnded(jobs, large.id), { state: 'done', request: { to: 1, list: undefined } })
  t.match(await jobs.start('counting', { to: 1, list }), { state: /waiting|running/ })

  await store.close()
  const codes = new Set<unknown>()
  for (let k = 0; k < 201; k++) await jobs.start('counting', { to: 1 }).catch(({ code }: Problem) => codes.add(code))
  t.strictSame([...codes], ['store-unavailable'], 'what could not be stored takes no place')
  await jobs.close()
})

t.test('all that was running is taken up, however much it is', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  const stored = { kind: 'counting', state: 'running', request: '{"to":1e9}', progress: '{}', result: null, updatedAtMs: 0 } as const
  for (let k = 0; k < 1_001; k++) await store.jobs.add({ ...stored, id: `job-${k}`, createdAtMs: k })
  const jobs = createJobRunner({ store: store.jobs, kinds: [counting()], nowMs: Date.now })
  await jobs.resume()
  t.match(await jobs.find('counting', 'job-0'), { state: 'running', progress: { step: Number } }, 'the oldest begins')
  t.match(await jobs.find('counting', 'job-1000'), { state: 'waiting' })
  await t.rejects(jobs.start('counting', { to: 1 }), { code: 'overloaded' })
  await jobs.close()
  await store.close()
})
