import fc from 'fast-check'
import t from 'tap'
import { eachPage } from '../../src/predictions/each-page.js'
import { createReader } from '../../src/predictions/read.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import { firstBarMs, hourMs, prediction } from '../store/support/prediction.js'

t.test('pages stay right while rows are inserted and superseded', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  t.teardown(() => store.close())
  const reader = createReader({ store })
  let run = 0
  const bars = fc.array(fc.nat({ max: 20 }), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(
      bars,
      fc.array(bars, { maxLength: 8 }),
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom('asc' as const, 'desc' as const),
      fc.boolean(),
      async (before, meanwhile, rowsPerPage, order, history) => {
        // A line of its own for each run.
        const model = `m${run++}`
        let made = 0
        const rows = (places: readonly number[]) =>
          places.map((place) =>
            prediction({ id: `${model}-${(made++ * 7919) % 1000}-${made}`, model, barTimeMs: firstBarMs + place * hourMs }),
          )
        const first = await store.record(rows(before))
        const listed = await reader.page({ model, order, history, limit: 1_000 })
        const seen: { readonly id: string; readonly barTimeMs: number }[] = []
        const inserts = [...meanwhile]
        const lost = new Set<string>()
        for await (const page of eachPage(reader, { model, order, history, limit: 1_000 }, rowsPerPage)) {
          seen.push(...page.predictions)
          const recorded = await store.record(rows(inserts.shift() ?? []))
          for (const { prediction: row } of recorded) if (row.supersedes !== null && !history) lost.add(row.supersedes)
        }
        const ids = seen.map(({ id }) => id)
        t.equal(new Set(ids).size, ids.length, 'no row twice')
        const missing = listed.predictions.filter(({ id }) => !ids.includes(id) && !lost.has(id))
        t.strictSame(missing, [], 'every row of the beginning that was not superseded on the way')
        const inOrder = [...seen].sort((a, b) => (order === 'asc' ? 1 : -1) * (a.barTimeMs - b.barTimeMs || (a.id < b.id ? -1 : 1)))
        t.strictSame(seen, inOrder)
        t.equal(first.length, before.length)
      },
    ),
    { numRuns: 60 },
  )
})

t.test('no more than asked for, and where it goes on', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  t.teardown(() => store.close())
  const reader = createReader({ store })
  await store.record(Array.from({ length: 10 }, (_, k) => prediction({ id: `P${k}`, barTimeMs: firstBarMs + k * hourMs })))
  const read = async (limit: number, cursor?: string) => {
    const pages = []
    for await (const page of eachPage(reader, { order: 'asc', history: false, limit, cursor }, 4)) pages.push(page)
    return { sizes: pages.map(({ predictions }) => predictions.length), nextCursor: pages.at(-1)!.nextCursor }
  }
  const first = await read(6)
  t.strictSame(first.sizes, [4, 2])
  t.strictSame(await read(6, first.nextCursor!), { sizes: [4], nextCursor: null })
  t.strictSame(await read(10), { sizes: [4, 4, 2], nextCursor: null })
})
