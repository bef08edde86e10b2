import fc from 'fast-check'
import type { Test } from 'tap'
import type { Frame } from '../../../src/candles/frame.js'
import type { StoredFeatures } from '../../../src/store/feature-store.js'
import type { Series } from '../../../src/store/series.js'
import type { Beside, NewPrediction, PredictionQuery, Store, StoredPrediction } from '../../../src/store/store.js'
import { openNaiveStore } from './naive-store.js'
import type { NaiveStore } from './naive-store.js'
import { firstBarMs, hourMs, prediction } from './prediction.js'

export interface StoreUnderTest {
  /** Opens an empty store. */
  open(): Promise<Store>
  /** Opens the same store again after it was closed. Undefined for stores that keep nothing. */
  reopen: (() => Promise<Store>) | undefined
  /** Opens a copy of everything that is on the disk now, as a kill would leave it. Undefined for stores that keep nothing. */
  crash: (() => Promise<Store>) | undefined
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
      quantile: 0.1,
      thresholds: Float64Array.of(-Infinity, -0, 0.1),
      source: 'features',
    })
    const [recorded] = await store.record([row])
    const kept = { ...row, supersedes: null, supersededBy: null, revision: await store.revision() }
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

  await t.test('a sample is drawn from all rows that fit, superseded ones too', async (t) => {
    const store = await (await fresh()).open()
    t.same(await store.sample({ limit: 5 }), { found: 0, rows: [] })
    const at = (k: number, inputHash = '00') =>
      prediction({ id: `S${k}${inputHash}`, model: `m${k % 2}`, barTimeMs: firstBarMs + k * hourMs, inputHash: inputHash.repeat(32) })
    await store.record(Array.from({ length: 1_200 }, (_, k) => at(k)))
    await store.record([at(0, '11')])
    const { found, rows } = await store.sample({ limit: 120 })
    t.equal(found, 1_201)
    t.equal(new Set(ids(rows)).size, 120)
    t.same(ids(rows), ids([...rows].sort((a, b) => a.barTimeMs - b.barTimeMs || (a.id < b.id ? -1 : 1))), 'in order')
    const inFirstThird = rows.filter(({ barTimeMs }) => barTimeMs < firstBarMs + 400 * hourMs).length
    t.ok(
      inFirstThird > 6 && inFirstThird < 74,
      `${inFirstThird} of 120 are of the first third: 40 are to be expected, 5 the standard deviation`,
    )
    t.not(ids((await store.sample({ limit: 120 })).rows).join(), ids(rows).join(), 'another time, others')
    const few = await store.sample({ limit: 10_000, model: 'm0', toMs: firstBarMs + 4 * hourMs })
    t.equal(few.found, 4)
    t.same(ids(few.rows), ['S000', 'S011', 'S200', 'S400'], 'all, when there are fewer')
    t.same(few.rows[0], await store.find('S000'), 'whole rows')
    const fine = await store.sample({ limit: 10, model: 'm0', fromMs: firstBarMs + 0.001, toMs: firstBarMs + 4 * hourMs - 0.001 })
    t.same(ids(fine.rows), ['S200'], 'times may have microseconds')
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
    // A store that keeps nothing runs the same statements; it has no restarts to survive.
    const keepsFiles = (await fresh()).reopen !== undefined
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const under = await fresh()
        let store = await under.open()
        const first = await store.revision()
        const naive = openNaiveStore(first)
        for (const { calls, asked, span, askedFeatures, restart, crash } of steps) {
          const answers = await Promise.all(calls.map((call) => handIn(store, call)))
          for (const [k, call] of calls.entries()) same(answers[k], await handIn(naive, call))
          if (crash && under.crash !== undefined) {
            const copy = await under.crash()
            await store.close()
            store = copy
          }
          const revision = await store.revision()
          same(revision, await naive.revision())
          same(await store.list(asked), await naive.list(asked))
          for (const id of calls.flatMap(idsOf).slice(0, 2)) same(await store.find(id), await naive.find(id))
          const asOf = span.back === undefined ? undefined : Math.max(first, revision - span.back)
          const { series, fromMs, toMs } = span
          same(await store.candles.read(series, fromMs, toMs, asOf), await naive.candles.read(series, fromMs, toMs, asOf))
          same(await store.candles.extent(series), await naive.candles.extent(series))
          same(await store.candles.changedSince(asOf ?? first), await naive.candles.changedSince(asOf ?? first))
          same(signed(await store.features.list(askedFeatures)), signed(await naive.features.list(askedFeatures)))
          if (restart && under.reopen !== undefined) {
            await store.close()
            store = await under.reopen()
            same(await store.revision(), revision)
          }
        }
        same(await store.list(query({ history: true, limit: 1000 })), await naive.list(query({ history: true, limit: 1000 })))
        await store.close()
      }),
      // Shrinking runs whole sequences on files for minutes; the seed is in the message.
      { numRuns: keepsFiles ? 40 : 15, endOnFailure: true },
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

/** With the sign of zero, which t.same does not see. */
function signed(rows: readonly StoredFeatures[]): unknown[] {
  return rows.map(({ values, ...row }) => ({ ...row, values: Array.from(values, (value) => (Object.is(value, -0) ? '-0' : value)) }))
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
    /** A microsecond, which times may have and bars have not. */
    fineMs: fc.constantFrom(0, 0, 0.001, -0.001),
    order: fc.constantFrom('asc' as const, 'desc' as const),
    history: fc.boolean(),
    limit: fc.integer({ min: 1, max: 12 }),
    after: fc.option(fc.record({ bar: fc.nat(3), id: fc.constantFrom('0Xa0', '1Yb2', '2', '9') }), { nil: undefined }),
  })
  .map(({ from, to, fineMs, after, symbol, timeframe, model, origin, ...rest }) => ({
    ...rest,
    ...(symbol !== undefined && { symbol }),
    ...(timeframe !== undefined && { timeframe }),
    ...(model !== undefined && { model }),
    ...(origin !== undefined && { origin }),
    ...(from !== undefined && { fromMs: firstBarMs + from * hourMs + fineMs }),
    ...(to !== undefined && { toMs: firstBarMs + to * hourMs + fineMs }),
    ...(after !== undefined && { after: { barTimeMs: firstBarMs + after.bar * hourMs, id: after.id } }),
  }))

const series = fc.constantFrom({ symbol: 'X', timeframe: '1h' }, { symbol: 'Y', timeframe: '1h' }, { symbol: 'X', timeframe: '4h' })

/** Few values, neighbouring bars, on both sides of where the memory splits a series, and far away. */
const bars = fc.array(
  fc.record({
    bar: fc.oneof(fc.nat(4), fc.integer({ min: 250, max: 260 }), fc.constantFrom(5_000, 90_000)),
    values: fc.tuple(price(), price(), volume()),
  }),
  { maxLength: 8 },
)

type Bars = readonly { readonly bar: number; readonly values: readonly number[] }[]

type Call =
  | { readonly kind: 'record'; readonly predictions: readonly NewPrediction[]; readonly beside?: Beside }
  | { readonly kind: 'candles'; readonly series: Series; readonly frame: Frame }
  | { readonly kind: 'features'; readonly rows: readonly StoredFeatures[] }

const anyFeatures: fc.Arbitrary<StoredFeatures> = fc
  .record({
    featureKey: fc.constantFrom('v1', "a'b"),
    bar: fc.nat(3),
    names: fc.uniqueArray(fc.constantFrom('f', 'g', 'h'), { minLength: 1, maxLength: 3 }),
    values: fc.tuple(value(), value(), value()),
  })
  .map(({ featureKey, bar, names, values }) => ({
    featureKey,
    symbol: 'X',
    timeframe: '1h',
    barTimeMs: firstBarMs + bar * hourMs,
    names,
    values: Float64Array.from(values.slice(0, names.length)),
    createdAtMs: firstBarMs + bar,
  }))

const anyCall: fc.Arbitrary<Call> = fc.oneof(
  fc.array(anyPrediction, { maxLength: 12 }).map((predictions): Call => ({ kind: 'record', predictions })),
  fc
    .record({
      predictions: fc.array(anyPrediction, { minLength: 1, maxLength: 3 }),
      bars,
      features: fc.array(anyFeatures, { maxLength: 2 }),
    })
    .map(({ predictions, bars, features }): Call => ({ kind: 'record', predictions, beside: { candles: toFrame('1h', bars), features } })),
  fc.record({ series, bars }).map(({ series, bars }): Call => ({ kind: 'candles', series, frame: toFrame(series.timeframe, bars) })),
  fc.array(anyFeatures, { maxLength: 4 }).map((rows): Call => ({ kind: 'features', rows })),
)

const step = fc.record({
  /** Handed in at once, in this order. */
  calls: fc.array(anyCall, { maxLength: 5 }),
  asked: anyQuery,
  span: fc.record({
    series,
    fromMs: fc.constantFrom(firstBarMs, firstBarMs + 2 * hourMs - 1, firstBarMs + 4_000 * hourMs),
    toMs: fc.constantFrom(firstBarMs, firstBarMs + 257 * hourMs, firstBarMs + 1_000_000 * hourMs),
    /** As of so many commits ago; undefined: now. */
    back: fc.option(fc.nat(6), { nil: undefined }),
  }),
  askedFeatures: fc
    .record({
      order: fc.constantFrom('asc' as const, 'desc' as const),
      limit: fc.integer({ min: 1, max: 6 }),
      after: fc.option(fc.nat(3), { nil: undefined }),
    })
    .map(({ order, limit, after }) => ({
      order,
      limit,
      symbol: 'X',
      ...(after !== undefined && { afterMs: firstBarMs + after * hourMs }),
    })),
  restart: oneOfFive(),
  crash: oneOfFive(),
})

function handIn(store: NaiveStore, call: Call): Promise<unknown> {
  if (call.kind === 'record') return store.record(call.predictions, call.beside)
  if (call.kind === 'candles') return store.candles.keep(call.series, call.frame, firstBarMs)
  return store.features.keep(call.rows)
}

function idsOf(call: Call): string[] {
  return call.kind === 'record' ? call.predictions.map(({ id }) => id) : []
}

function toFrame(timeframe: string, bars: Bars): Frame {
  const rows = [...new Map(bars.map((row) => [row.bar, row])).values()].sort((a, b) => a.bar - b.bar)
  const length = timeframe === '4h' ? 4 * hourMs : hourMs
  const column = (k: number) => Float64Array.from(rows, ({ values }) => values[k] as number)
  return {
    nBars: rows.length,
    openTimeMs: Float64Array.from(rows, ({ bar }) => firstBarMs + bar * length),
    open: column(0),
    high: column(0),
    low: column(0),
    close: column(1),
    volume: column(2),
  }
}

function oneOfFive() {
  return fc.integer({ min: 0, max: 4 }).map((n) => n === 0)
}

function price() {
  return fc.constantFrom(1, 0.1 + 0.2)
}

function volume() {
  return fc.constantFrom(0, -0, 7)
}

function value() {
  return fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1)
}

function origin() {
  return fc.constantFrom('live' as const, 'late' as const, 'backfill' as const, 'catch-up' as const)
}
