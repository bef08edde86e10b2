import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Database } from '../../../src/store/duckdb/database.js'
import { createSession } from '../../../src/store/duckdb/session.js'

const fatal = () => new Error('FATAL Error: database has been invalidated because of a previous fatal error')

/** Databases that only know their number and whether they are open. */
function openSession() {
  const opened: { id: number; open: boolean; broken: boolean; revision: number }[] = []
  const failures: Error[] = []
  const open = () => {
    const failure = failures.shift()
    if (failure !== undefined) return Promise.reject(failure)
    const state = {
      id: opened.length,
      open: true,
      broken: false,
      revision: opened.length,
      close: () => Promise.resolve(void (state.open = false)),
    }
    opened.push(state)
    return Promise.resolve(state as unknown as Database)
  }
  return open().then((first) => ({ session: createSession(first, open), opened, failures }))
}

const idOf = (database: Database) => (database as unknown as { id: number }).id

t.test('a fatal error: opened anew, tried once more, nobody sees it', async (t) => {
  const { session, opened } = await openSession()
  const seen: number[] = []
  const result = await session.write((database) => {
    seen.push(idOf(database))
    return seen.length === 1 ? Promise.reject(fatal()) : Promise.resolve('done')
  })
  t.equal(result, 'done')
  t.same(seen, [0, 1])
  t.same(
    opened.map(({ open }) => open),
    [false, true],
  )
})

t.test('the old instance is let go only when nobody uses it', async (t) => {
  const { session, opened } = await openSession()
  let readEnded = false
  const read = session.read(async () => {
    await sleep(10)
    t.ok(opened[0]?.open, 'still open while a read runs')
    readEnded = true
  })
  const write = session.write((database) => (idOf(database) === 0 ? Promise.reject(fatal()) : Promise.resolve(readEnded)))
  t.equal(await write, true)
  await read
  t.equal(opened.length, 2)
})

t.test('both sides meet the error: one reopening', async (t) => {
  const { session, opened } = await openSession()
  const work = (database: Database) => (idOf(database) === 0 ? Promise.reject(fatal()) : Promise.resolve(idOf(database)))
  t.same(await Promise.all([session.write(work), session.read(work), session.peek(({ revision }) => revision)]), [1, 1, 0])
  t.equal(opened.length, 2)
})

t.test('a file that cannot be opened anew: unavailable, and tried again by the next one', async (t) => {
  const { session, failures } = await openSession()
  failures.push(new Error('IO Error: no space'), new Error('IO Error: no space'))
  const work = (database: Database) => (idOf(database) === 0 ? Promise.reject(fatal()) : Promise.resolve('done'))
  await t.rejects(session.write(work), { code: 'store-unavailable', retryAfterSeconds: Number, cause: { message: 'IO Error: no space' } })
  await t.rejects(
    session.peek(({ revision }) => revision),
    { code: 'store-unavailable' },
  )
  t.equal(await session.read(work), 'done')
})

t.test('an error that keeps coming back is told', async (t) => {
  const { session } = await openSession()
  await t.rejects(
    session.write(() => Promise.reject(fatal())),
    { code: 'store-unavailable' },
  )
})

t.test('other errors break nothing; our own mistakes stay what they are', async (t) => {
  const { session, opened } = await openSession()
  await t.rejects(
    session.write(() => Promise.reject(new Error('IO Error: disk'))),
    { code: 'store-unavailable' },
  )
  await t.rejects(
    session.read(() => Promise.reject(new TypeError('x is not a function'))),
    { name: 'TypeError' },
  )
  t.equal(opened.length, 1)
})

t.test('work that is done although the instance gave up afterwards', async (t) => {
  const { session, opened } = await openSession()
  const done = await session.write((database) => Promise.resolve(void (database.broken = true)).then(() => 'durable'))
  t.equal(done, 'durable')
  t.equal(await session.read((database) => Promise.resolve(idOf(database))), 1)
  t.notOk(opened[0]?.open)
})

t.test('reads run one after another and are finished before closing', async (t) => {
  const { session, opened } = await openSession()
  const order: string[] = []
  const read = (name: string, ms: number) =>
    session.read(async () => {
      order.push(`${name} begins`)
      await sleep(ms)
      order.push(`${name} ends`)
    })
  const reads = [read('a', 5), read('b', 1)]
  await session.close()
  await Promise.all(reads)
  t.same(order, ['a begins', 'a ends', 'b begins', 'b ends'])
  t.notOk(opened[0]?.open)
  await t.rejects(
    session.read(() => Promise.resolve()),
    { code: 'store-unavailable' },
  )
})
