import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { openJournal } from '../../../src/store/duckdb/journal.js'
import type { Journal } from '../../../src/store/duckdb/journal.js'
import { openDuckdbStore } from '../../../src/store/duckdb.js'
import { bars } from '../support/bars.js'
import { copyAsKilled } from '../support/copy-as-killed.js'
import { firstBarMs, hourMs, prediction } from '../support/prediction.js'

let files = 0
const folder = t.testdir()
const newPath = () => join(folder, `${files++}.duckdb`)
const text = (entries: readonly Uint8Array[]) => entries.map((entry) => Buffer.from(entry).toString())
const inOrder = async (journal: Journal) => text((await journal.entries()).inOrder)

t.test('entries are found again, whatever became of the end of the file', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.string({ maxLength: 300 }), { maxLength: 8 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (first, second, at, flip) => {
        const path = newPath()
        const journal = await openJournal(path)
        for (const entry of first) t.ok(await journal.append(Buffer.from(entry)))
        journal.turn()
        for (const entry of second) t.ok(await journal.append(Buffer.from(entry)))
        await journal.close(false)
        const again = await openJournal(path)
        t.same(await inOrder(again), [...first, ...second])
        await again.close(false)
        // A byte of the first half is another: what lies before it is whole, what lies behind it is not looked at.
        const lengths = first.map((entry) => 12 + Buffer.byteLength(entry))
        const place = at % lengths.reduce((a, b) => a + b)
        const bytes = await readFile(path)
        bytes[place] = (bytes[place] as number) ^ flip
        await writeFile(path, bytes)
        const damaged = await openJournal(path)
        let whole = 0
        for (let end = lengths[0] as number; end <= place; end += lengths[whole] ?? Infinity) whole++
        t.same(await inOrder(damaged), [...first.slice(0, whole), ...second])
        t.same(text((await damaged.entries()).behind), first.slice(whole + 1), 'but it is found')
        await damaged.clear()
        t.same(await damaged.entries(), { inOrder: [], behind: [] })
        await damaged.close(true)
        await t.rejects(stat(path), { code: 'ENOENT' })
      },
    ),
    { numRuns: 25, endOnFailure: true },
  )
})

t.test('a half that is full takes no more, and is written anew after two turns', async (t) => {
  const path = newPath()
  const journal = await openJournal(path)
  await journal.takeSpace()
  const { size } = await stat(path)
  const large = Buffer.alloc(200_000, 'a')
  t.same([await journal.append(large), await journal.append(large), await journal.append(large)], [true, true, false])
  journal.turn()
  t.ok(await journal.append(Buffer.from('b')))
  journal.turn()
  t.ok(await journal.append(Buffer.from('c')))
  await journal.giveSpace()
  t.ok((await stat(path)).size < size, 'space was given')
  await journal.takeSpace()
  t.equal((await stat(path)).size, size, 'the file never grows')
  await journal.close(false)
  const again = await openJournal(path)
  t.same(await inOrder(again), ['c', 'b'], 'what was there before is overwritten')
  await again.close(true)
})

t.test('what was kept is in the journal at once, and in the tables after a crash', async (t) => {
  const path = newPath()
  const store = await openDuckdbStore({ path })
  const odd = 'é\u0000\ud83d\ude00'
  await store.record([prediction({ id: 'A', symbol: odd, yRaw: Float64Array.of(NaN, -Infinity) })], { candles: bars(3, 1) })
  await store.record([prediction({ id: 'B', symbol: odd, inputHash: '00' })], { candles: bars(4, 2) })
  const revision = await store.revision()
  const copy = await openDuckdbStore({ path: copyAsKilled(path) })
  t.equal(await copy.revision(), revision)
  const a = await copy.find('A')
  t.match(a, { supersededBy: 'B' })
  t.same([...(a?.yRaw ?? [])], [NaN, -Infinity])
  t.same((await copy.candles.read({ symbol: odd, timeframe: '1h' }, 0, Infinity, revision - 1)).close, Float64Array.of(1, 1, 1))
  t.same((await copy.candles.read({ symbol: odd, timeframe: '1h' }, 0, Infinity)).close, Float64Array.of(2, 2, 2, 2))
  t.match(await copy.record([prediction({ id: 'B', symbol: odd, inputHash: '00' })]), [{ isNew: false }], 'nothing comes twice')
  t.same(await copy.find('A'), await store.find('A'), 'a read sees what is in the journal')
  await copy.close()
  await store.close()
  await t.rejects(stat(`${path}.journal`), { code: 'ENOENT' }, 'closing leaves none')
})

t.test('a journal of another state of the file, or of another file, is not touched, and neither is the file', async (t) => {
  const path = newPath()
  let store = await openDuckdbStore({ path })
  await store.record([prediction({ id: 'A' })])
  await store.close()
  const older = copyAsKilled(path, newPath())
  store = await openDuckdbStore({ path })
  await store.record([prediction({ id: 'B', barTimeMs: firstBarMs + hourMs })])
  const killed = copyAsKilled(path, newPath())
  await store.close()
  const journal = await readFile(`${killed}.journal`)
  for (const other of [older, newPath()]) {
    await writeFile(`${other}.journal`, journal)
    await t.rejects(openDuckdbStore({ path: other }), {
      message: /journal belongs to another state of the database file.*move the journal away/,
    })
    t.same(await readFile(`${other}.journal`), journal)
  }
  store = await openDuckdbStore({ path: killed })
  t.match(await store.find('B'), { id: 'B' })
  await store.close()
  store = await openDuckdbStore({ path: killed })
  await store.close()
  await writeFile(`${killed}.journal`, journal)
  await t.rejects(openDuckdbStore({ path: killed }), { message: /belongs to another state/ }, 'nor one that was put back too late')
})

t.test('a journal that is cut short loses nothing that was acknowledged before; one that is damaged is refused', async (t) => {
  const path = newPath()
  const store = await openDuckdbStore({ path })
  const ends: number[] = []
  for (const id of ['A', 'B', 'C']) {
    await store.record([prediction({ id })])
    const [last] = (await readFile(`${path}.journal`)).toString('latin1').matchAll(/\0+$/g)
    ends.push(last?.index ?? 0)
  }
  const killed = copyAsKilled(path, newPath())
  await store.close()
  const whole = await readFile(`${killed}.journal`)
  const [endOfA = 0, endOfB = 0, endOfC = 0] = ends
  const opened = async (bytes: Buffer) => {
    const copy = copyAsKilled(killed, newPath())
    await writeFile(`${copy}.journal`, bytes)
    const again = await openDuckdbStore({ path: copy })
    const rows = await again.list({ order: 'asc', history: true, limit: 10 })
    await again.close()
    return rows.map(({ id }) => id)
  }
  t.ok(endOfA > 0 && endOfA < endOfB && endOfB < endOfC)
  t.same(await opened(whole), ['A', 'B', 'C'])
  t.same(await opened(Buffer.from(whole).fill(0, endOfC - 9)), ['A', 'B'])
  const flipped = Buffer.from(whole)
  flipped[endOfA + 30]! ^= 1
  await t.rejects(opened(flipped), { message: /journal is damaged: what follows commit \d+ cannot be read/ })
  flipped[endOfA - 30]! ^= 1
  await t.rejects(opened(flipped), { message: /is damaged/ })
})

t.test('the journal lies beside the file itself, whatever the way to it; what cannot be one is told of', async (t) => {
  const path = newPath()
  const link = newPath()
  await symlink(path, link)
  await (await openDuckdbStore({ path })).close()
  const store = await openDuckdbStore({ path: link })
  await store.record([prediction({ id: 'A' })])
  t.ok((await stat(`${path}.journal`)).isFile())
  await store.close()
  await mkdir(`${path}.journal`)
  await t.rejects(openDuckdbStore({ path }), { message: /\.duckdb\.journal cannot be opened: EISDIR/ })
})

t.test('a journal that says what the file knows already changes nothing', async (t) => {
  const path = newPath()
  const store = await openDuckdbStore({ path })
  await store.record([prediction({ id: 'A' })])
  const journal = await readFile(`${path}.journal`)
  await store.record([prediction({ id: 'B' })])
  await store.find('B')
  const killed = copyAsKilled(path, newPath())
  await store.close()
  await writeFile(`${killed}.journal`, journal)
  const again = await openDuckdbStore({ path: killed })
  const all = await again.list({ order: 'asc', history: true, limit: 10 })
  t.same(
    all.map(({ id, supersededBy }) => [id, supersededBy]),
    [
      ['A', 'B'],
      ['B', null],
    ],
  )
  await again.close()
})
