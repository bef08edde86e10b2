import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import type { NewPrediction, Store } from '../../src/store/store.js'
import { firstBarMs, hourMs, prediction } from './support/prediction.js'

const megabyte = 1_000_000
const prlimit = works('prlimit', ['--pid', `${process.pid}`, '--fsize'])

t.test('no file may grow further', { skip: !prlimit && 'needs prlimit (util-linux)' }, async (t) => {
  // Writing past the limit then fails, instead of ending the process.
  const ignore = () => undefined
  process.on('SIGXFSZ', ignore)
  const limit = (bytes: number | 'unlimited') => execFileSync('prlimit', ['--pid', `${process.pid}`, `--fsize=${bytes}:unlimited`])
  t.teardown(() => {
    limit('unlimited')
    process.off('SIGXFSZ', ignore)
  })
  await survives(t, {
    path: join(t.testdir(), 'barcast.duckdb'),
    takeSpace: () => limit(3 * megabyte),
    giveSpace: () => limit('unlimited'),
  })
  await survives(
    t,
    {
      path: join(t.testdir(), 'journal.duckdb'),
      takeSpace: () => limit(3 * megabyte),
      giveSpace: () => limit('unlimited'),
    },
    7,
  )
})

const folder = t.testdir({ log: {}, checkpoint: {}, journal: {} })
const mounts = mount(join(folder, 'log'), 1) && unmount(join(folder, 'log'))

t.test('the disk is full while a prediction is logged', { skip: !mounts && 'needs the right to mount' }, async (t) => {
  const disk = join(folder, 'log')
  mount(disk, 5)
  t.teardown(() => unmount(disk))
  await survives(t, { path: join(disk, 'barcast.duckdb'), takeSpace: () => undefined, giveSpace: () => grow(disk, 60) })
})

t.test('the disk is full while the journal comes into the tables', { skip: !mounts && 'needs the right to mount' }, async (t) => {
  const disk = join(folder, 'journal')
  mount(disk, 5)
  t.teardown(() => unmount(disk))
  await survives(t, { path: join(disk, 'barcast.duckdb'), takeSpace: () => undefined, giveSpace: () => grow(disk, 60) }, 7)
})

t.test('the disk is full while the log moves into the file', { skip: !mounts && 'needs the right to mount' }, async (t) => {
  const disk = join(folder, 'checkpoint')
  mount(disk, 40)
  t.teardown(() => unmount(disk))
  const ballast = join(disk, 'ballast')
  await survives(t, {
    path: join(disk, 'barcast.duckdb'),
    // The log is moved when it has 8 MB.
    takeSpace: () => writeFileSync(ballast, Buffer.alloc(40 * 1024 * 1024 - 9 * megabyte)),
    giveSpace: () => rmSync(ballast),
  })
})

interface Disk {
  readonly path: string
  readonly takeSpace: () => void
  readonly giveSpace: () => void
}

/** @param nRows of one call: many go into the tables at once, few by way of the journal */
async function survives(t: Test, { path, takeSpace, giveSpace }: Disk, nRows = 100): Promise<void> {
  const rows = (call: number) => incompressible(call, nRows)
  let waitingSeconds = () => NaN
  let store = await openDuckdbStore({ path, watchTables: (ask) => (waitingSeconds = ask) })
  takeSpace()
  const answered: string[] = []
  let refusals = 0
  let waited = 0
  for (let k = 0; refusals < 5 && k < 20_000 / nRows; k++) {
    const calls = Array.from({ length: 5 }, (_, c) => rows(k * 5 + c))
    const results = await Promise.allSettled(calls.map((call) => store.record(call)))
    waited = Math.max(waited, waitingSeconds())
    results.forEach((result, c) => {
      if (result.status === 'fulfilled') return answered.push(...(calls[c] as NewPrediction[]).map(({ id }) => id))
      if (refusals++ === 0) {
        t.match(result.reason, { code: 'store-unavailable', retryAfterSeconds: Number, cause: Error })
        t.comment((result.reason as Error & { cause: Error }).cause.message.split('\n')[0])
      }
    })
  }
  t.ok(refusals > 0, 'the space ran out')
  t.ok(answered.length > 0, `${answered.length} rows were kept before`)
  const reads = await Promise.all(Array.from({ length: 8 }, () => missing(store, answered)))
  t.same(reads.flat(), [], 'reading goes on, also side by side, nothing that was answered is missing')

  if (nRows < 100) t.ok(waited > 0, 'it is seen what the tables have not taken')
  giveSpace()
  const after = rows(9999)
  t.match(await store.record(after), [{ isNew: true }], 'and with space, writing goes on')
  await store.list({ order: 'asc', history: false, limit: 1 })
  t.equal(waitingSeconds(), 0)
  await store.close()
  store = await openDuckdbStore({ path })
  t.same(await missing(store, [...answered, ...after.map(({ id }) => id)]), [], 'nor is anything missing in the file')
  const everything = await store.list({ order: 'asc', history: true, limit: 1_000_000 })
  t.equal(everything.length % nRows, 0, 'calls are kept whole or not at all')
  await store.close()
}

/** One call's worth; every second one supersedes the one before. */
function incompressible(call: number, nRows: number): NewPrediction[] {
  return Array.from({ length: nRows }, (_, k) => {
    const hash = Array.from({ length: 4 }, () => Math.random().toString(16).slice(2, 18).padEnd(16, '0')).join('')
    return prediction({
      id: `${call}-${k}`,
      barTimeMs: firstBarMs + (call >> 1) * hourMs,
      model: `m${k}`,
      inputHash: hash,
      featuresHash: hash,
    })
  })
}

async function missing(store: Store, ids: readonly string[]): Promise<string[]> {
  const kept = (await store.list({ order: 'asc', history: true, limit: 1_000_000 })).map(({ id }) => id)
  const all = new Set(kept)
  if (all.size !== kept.length) throw new Error(`${kept.length - all.size} rows are there twice`)
  return ids.filter((id) => !all.has(id))
}

function mount(folder: string, megabytes: number): boolean {
  mkdirSync(folder, { recursive: true })
  return works('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
}

function grow(folder: string, megabytes: number): void {
  execFileSync('mount', ['-o', `remount,size=${megabytes}m`, folder])
}

function unmount(folder: string): boolean {
  return works('umount', [folder])
}

function works(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
