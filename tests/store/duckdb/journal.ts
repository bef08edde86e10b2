import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { openJournal } from '../../../src/store/duckdb/journal.js'
import { openDuckdbStore } from '../../../src/store/duckdb.js'
import { bars } from '../support/bars.js'
import { copyAsKilled } from '../support/copy-as-killed.js'
import { firstBarMs, hourMs, prediction } from '../support/prediction.js'

let files = 0
const folder = t.testdir()
const newPath = () => join(folder, `${files++}.duckdb`)
const text = (entries: readonly Uint8Array[]) => entries.map((entry) => Buffer.from(entry).toString())

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
        t.same(text(again.found), [...first, ...second])
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
        t.same(text(damaged.found), [...first.slice(0, whole), ...second])
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
  t.same(text(again.found), ['c', 'b'], 'what was there before is overwritten')
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

t.test('a journal of another state of the file is not touched, and neither is the file', async (t) => {
  const path = newPath()
  let store = await openDuckdbStore({ path })
  await store.record([prediction({ id: 'A' })])
  await store.close()
  const older = copyAsKilled(path, newPath())
  store = await openDuckdbStore({ path })
  await store.log.alive({ id: 'run', fromMs: firstBarMs, untilMs: firstBarMs + hourMs })
  const barTimeMs = firstBarMs + hourMs
  await store.record([prediction({ id: 'B', barTimeMs })])
  await store.find('B')
  await store.record([prediction({ id: 'C', barTimeMs })])
  const killed = copyAsKilled(path, newPath())
  await store.close()
  await writeFile(`${older}.journal`, await withoutFirst(`${killed}.journal`))
  await t.rejects(openDuckdbStore({ path: older }), { message: /journal goes on after commit \d+, but .* ends at \d+.*Put the file back/ })
  store = await openDuckdbStore({ path: killed })
  t.match(await store.find('C'), { supersedes: 'B' })
  await store.close()

  /** The first half, which holds B, as if it had been written over long ago. */
  async function withoutFirst(journal: string): Promise<Buffer> {
    return (await readFile(journal)).fill(0, 0, 512 * 1024)
  }
})

t.test('a journal that says what the file knows already changes nothing', async (t) => {
  const path = newPath()
  const store = await openDuckdbStore({ path })
  await store.record([prediction({ id: 'A' })])
  const journal = await readFile(`${path}.journal`)
  await store.record([prediction({ id: 'B' })])
  await store.close()
  await writeFile(`${path}.journal`, journal)
  const again = await openDuckdbStore({ path })
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
