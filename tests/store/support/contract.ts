import fc from 'fast-check'
import type { Test } from 'tap'
import type { NewPrediction, PredictionQuery, Store, StoredPrediction } from '../../../src/store/store.js'
import { openNaiveStore } from './naive-store.js'
import { firstBarMs, hourMs, prediction } from './prediction.js'

export interface StoreUnderTest {
  /** Opens an empty store. */
  open(): Promise<Store>
  /** Opens the same store again after it was closed. Undefined for stores that keep nothing. */
  reopen: (() => Promise<Store>) | undefined
}

/** What every store promises (`src/store/store.ts`), whatever it is made of. */
export async function storeContract(t: Test, fresh: () => Promise<StoreUnderTest>): Promise<void> {
  await t.test('keeps every field, bit for bit', async (t) => {
    const store = await (await fresh()).open()
    const numbers = Float64Array.of(NaN, Infinity, -Infinity, -0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2)
    const row = prediction({
      id: 'A1',
      symbol: "BTC/USDT:'perp'",
      yRaw: numbers,
      yPred: Float64Array.of(NaN),
      featuresNan: ['a', "b'c", 'd,e'],
      featuresOutside: ['é"ü'],
      origin: 'catch-up',
      createdAtMs: 1_700_000_000_001,
      barTimeMs: Date.UTC(2000, 0, 1),
      horizonBars: 2_147_483_647,
    })
    const [recorded] = await store.record([row])
    const kept = { ...row, supersedes: null, supersededBy: null }
    t.same(recorded, { prediction: kept, isNew: true })
    const found = (await store.find('A1')) as StoredPrediction
    t.same(found, kept)
    t.ok(
      found.yRaw.every((y, k) => Object.is(y, numbers[k])),
      'signs of zero, NaN and infinities',
    )
    t.same(await store.list(query({})), [kept])
    await store.close()
  })

  await t.test('an unknown id is not found, an empty store lists nothing, no prediction is no commit', async (t) => {
    const store = await (await fresh()).open()
    t.equal(await store.find('NONE'), undefined)
    t.equal(await store.find("' OR 1=1 --"), undefined)
    t.same(await store.list(query({})), [])
    const revision = await store.revision()
    t.same(await store.record([]), [])
    t.equal(await store.revision(), revision)
    await store.close()
  })

  await t.test('the same id twice is one row, as it was first kept', async (t) => {
    const store = await (await fresh()).open()
    const first = prediction({ id: 'A', origin: 'live', createdAtMs: 1_700_000_000_000 })
    const again = { ...first, origin: 'backfill' as const, createdAtMs: 1_800_000_000_000 }
    await store.record([first])
    const revision = await store.revision()
    const [known] = await store.record([again])
    t.match(known, { isNew: false, prediction: { origin: 'live', createdAtMs: 1_700_000_000_000 } })
    t.equal(await store.revision(), revision, 'nothing changed')
    const [one, other] = await store.record([prediction({ id: 'B' }), prediction({ id: 'B' })])
    t.same([one?.isNew, other?.isNew], [true, false], 'also within one call')
    const both = await Promise.all([store.record([prediction({ id: 'C' })]), store.record([prediction({ id: 'C' })])])
    t.same(
      both.map(([recorded]) => recorded?.isNew),
      [true, false],
      'and in two calls at once',
    )
    t.equal((await store.list(query({ history: true }))).length, 3)
    await store.close()
  })

  await t.test('a newer prediction of the same place supersedes, and both name each other', async (t) => {
    const store = await (await fresh()).open()
    await store.record([prediction({ id: 'OLD' })])
    const [newer] = await store.record([prediction({ id: 'NEW', inputHash: '00'.repeat(32) })])
    t.match(newer, { isNew: true, prediction: { supersedes: 'OLD', supersededBy: null } })
    t.match(await store.find('OLD'), { supersedes: null, supersededBy: 'NEW' })
    const [repeated] = await store.record([prediction({ id: 'OLD' })])
    t.match(repeated, { isNew: false, prediction: { supersededBy: 'NEW' } }, 'a repeated frame changes nothing')
    t.same(ids(await store.list(query({}))), ['NEW'])
    t.same(ids(await store.list(query({ history: true }))), ['NEW', 'OLD'])
    await store.record([
      prediction({ id: 'OTHER-BAR', barTimeMs: firstBarMs + hourMs }),
      prediction({ id: 'OTHER-MODEL', model: 'other' }),
      prediction({ id: 'OTHER-SYMBOL', symbol: 'ETHUSDT' }),
      prediction({ id: 'OTHER-TIMEFRAME', timeframe: '4h' }),
    ])
    t.equal((await store.list(query({}))).length, 5, 'other places are left alone')
    await store.close()
  })

  await t.test('many at once: each is there, chains of one place are whole', async (t) => {
    const store = await (await fresh()).open()
    const rows = Array.from({ length: 200 }, (_, k) =>
      prediction({ id: `R${String(k).padStart(3, '0')}`, barTimeMs: firstBarMs + (k % 5) * hourMs }),
    )
    const recorded = (await Promise.all(rows.map((row) => store.record([row])))).flat()
    t.ok(recorded.every(({ isNew }) => isNew))
    const all = await store.list(query({ history: true, limit: 1000 }))
    t.equal(all.length, 200)
    t.equal(all.filter(({ supersededBy }) => supersededBy === null).length, 5)
    const byId = new Map(all.map((row) => [row.id, row]))
    t.ok(all.every(({ id, supersedes }) => supersedes === null || byId.get(supersedes)?.supersededBy === id))
    t.ok(all.every(({ id, supersededBy }) => supersededBy === null || byId.get(supersededBy)?.supersedes === id))
    await store.close()
  })

  await t.test('large calls: thousands of rows, and all of them superseded', async (t) => {
    const store = await (await fresh()).open()
    const rows = (run: string) =>
      Array.from({ length: 6_000 }, (_, k) =>
        prediction({ id: `${run}${String(k).padStart(4, '0')}`, barTimeMs: firstBarMs + (k >> 1) * hourMs, model: `m${k % 2}` }),
      )
    await store.record(rows('OLD'))
    const newer = await store.record(rows('NEW'))
    t.ok(newer.every(({ isNew, prediction: { id, supersedes } }) => isNew && supersedes === id.replace('NEW', 'OLD')))
    const all = await store.list(query({ history: true, limit: 20_000 }))
    t.equal(all.length, 12_000)
    const olds = all.filter(({ id }) => id.startsWith('OLD'))
    t.ok(olds.every(({ id, supersededBy }) => supersededBy === id.replace('OLD', 'NEW')))
    t.equal((await store.list(query({ limit: 20_000 }))).length, 6_000)
    const known = await store.record(rows('OLD'))
    t.notOk(known.some(({ isNew }) => isNew))
    await store.close()
  })

  await t.test('pages join without doubles or holes while rows are inserted', async (t) => {
    const store = await (await fresh()).open()
    const at = (k: number) => prediction({ id: `P${k}`, barTimeMs: firstBarMs + Math.floor(k / 3) * hourMs, model: `m${k}` })
    await store.record(Array.from({ length: 50 }, (_, k) => at(k)))
    for (const order of ['asc', 'desc'] as const) {
      const seen: string[] = []
      let after: PredictionQuery['after']
      for (let pages = 0; pages < 20; pages++) {
        const page = await store.list(query({ order, limit: 7, ...(after && { after }), toMs: firstBarMs + 16 * hourMs }))
        seen.push(...ids(page))
        await store.record([prediction({ id: `${order}${pages}`, barTimeMs: firstBarMs + 1000 * hourMs, model: `${order}${pages}` })])
        if (page.length < 7) break
        after = page.at(-1)
      }
      t.equal(seen.length, 50)
      t.equal(new Set(seen).size, 50)
    }
    await store.close()
  })

  await t.test('agrees with the naive store on any sequence of calls, also concurrent ones', async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const under = await fresh()
        let store = await under.open()
        const naive = openNaiveStore()
        for (const { calls, asked, restart } of steps) {
          const answers = await Promise.all(calls.map((call) => store.record(call)))
          for (const [k, call] of calls.entries()) same(answers[k], await naive.record(call))
          same(await store.list(asked), await naive.list(asked))
          for (const { id } of calls.flat().slice(0, 2)) same(await store.find(id), await naive.find(id))
          if (restart && under.reopen !== undefined) {
            const revision = await store.revision()
            await store.close()
            store = await under.reopen()
            same(await store.revision(), revision)
          }
        }
        same(await store.list(query({ history: true, limit: 1000 })), await naive.list(query({ history: true, limit: 1000 })))
        await store.close()
      }),
      { numRuns: 25 },
    )

    function same(actual: unknown, expected: unknown): void {
      if (!t.same(actual, expected)) throw new Error('differs from the naive store')
    }
  })

  await t.test('the revision rises with every commit that changes something', async (t) => {
    const store = await (await fresh()).open()
    const revisions = [await store.revision()]
    for (const id of ['A', 'B', 'C']) {
      await store.record([prediction({ id })])
      revisions.push(await store.revision())
    }
    t.same(
      revisions,
      [...new Set(revisions)].sort((a, b) => a - b),
    )
    await store.close()
  })

  await t.test('a closed store says so, and closing finishes what was handed in', async (t) => {
    const under = await fresh()
    const store = await under.open()
    const pending = store.record([prediction({ id: 'LAST' })])
    await store.close()
    t.match(await pending, [{ isNew: true }])
    await store.close()
    await t.rejects(store.record([prediction({ id: 'LATE' })]), { code: 'store-unavailable' })
    await t.rejects(store.find('LAST'), { code: 'store-unavailable' })
    await t.rejects(store.list(query({})), { code: 'store-unavailable' })
    await t.rejects(store.revision(), { code: 'store-unavailable' })
    if (under.reopen !== undefined) {
      const again = await under.reopen()
      t.match(await again.find('LAST'), { id: 'LAST' })
      await again.close()
    }
  })
}

function query(fields: Partial<PredictionQuery>): PredictionQuery {
  return { order: 'asc', history: false, limit: 100, ...fields }
}

function ids(rows: readonly StoredPrediction[]): string[] {
  return rows.map(({ id }) => id)
}

/** Few bars, models and ids, so that doubles and superseding happen all the time. The id names the place, as real ids do. */
const anyPrediction: fc.Arbitrary<NewPrediction> = fc
  .record({ bar: fc.nat(3), model: fc.constantFrom('a', 'b'), symbol: fc.constantFrom('X', 'Y'), input: fc.nat(3), origin: origin() })
  .map(({ bar, model, symbol, input, origin }) =>
    prediction({ id: `${input}${symbol}${model}${bar}`, barTimeMs: firstBarMs + bar * hourMs, model, symbol, origin }),
  )

const anyQuery: fc.Arbitrary<PredictionQuery> = fc
  .record({
    symbol: fc.option(fc.constantFrom('X', 'Y', 'Z'), { nil: undefined }),
    timeframe: fc.option(fc.constantFrom('1h', '4h'), { nil: undefined }),
    model: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
    origin: fc.option(origin(), { nil: undefined }),
    from: fc.option(fc.nat(3), { nil: undefined }),
    to: fc.option(fc.nat(3), { nil: undefined }),
    order: fc.constantFrom('asc' as const, 'desc' as const),
    history: fc.boolean(),
    limit: fc.integer({ min: 1, max: 12 }),
    after: fc.option(fc.record({ bar: fc.nat(3), id: fc.constantFrom('0Xa0', '1Yb2', '2', '9') }), { nil: undefined }),
  })
  .map(({ from, to, after, symbol, timeframe, model, origin, ...rest }) => ({
    ...rest,
    ...(symbol !== undefined && { symbol }),
    ...(timeframe !== undefined && { timeframe }),
    ...(model !== undefined && { model }),
    ...(origin !== undefined && { origin }),
    ...(from !== undefined && { fromMs: firstBarMs + from * hourMs }),
    ...(to !== undefined && { toMs: firstBarMs + to * hourMs }),
    ...(after !== undefined && { after: { barTimeMs: firstBarMs + after.bar * hourMs, id: after.id } }),
  }))

const step = fc.record({
  /** Handed in at once, in this order. */
  calls: fc.array(fc.array(anyPrediction, { maxLength: 12 }), { maxLength: 5 }),
  asked: anyQuery,
  restart: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
})

function origin() {
  return fc.constantFrom('live' as const, 'late' as const, 'backfill' as const, 'catch-up' as const)
}
