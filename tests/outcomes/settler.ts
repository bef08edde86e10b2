import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { Frame } from '../../src/candles/frame.js'
import { createSettler, type SettlerParts } from '../../src/outcomes/settler.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import type { StoredOutcome } from '../../src/store/outcome-store.js'
import type { Store } from '../../src/store/store.js'
import { firstBarMs, hourMs, prediction } from '../store/support/prediction.js'
import { temporaryFolder } from '../support/service.js'
import { pickBars } from './support/keep-bars.js'
import { plainOutcome } from './support/plain-outcome.js'

const series = { symbol: 'BTCUSDT', timeframe: '1h' }
const nBars = 24
const frame = walk(nBars)
const allPlaces = Array.from({ length: nBars }, (_, bar) => bar)
const twoClasses = { output: 'class_probabilities', thresholds: Float64Array.of(0), yPred: Float64Array.of(0.4, 0.6) }

/** Predictions at every bar, of three horizons. */
const predictions = allPlaces.flatMap((bar) => [
  prediction({ id: `a${bar}`, model: 'a', barTimeMs: timeOf(bar), horizonBars: 3, yPred: Float64Array.of(bar % 3 === 0 ? -0.01 : 0.01) }),
  prediction({ id: `b${bar}`, model: 'b', barTimeMs: timeOf(bar), horizonBars: 7, ...twoClasses }),
  prediction({ id: `c${bar}`, model: 'c', barTimeMs: timeOf(bar), horizonBars: 1, quantile: 0.5 }),
])

t.test('whatever comes in whatever order, the end is the same, and nothing settles early', async (t) => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('bars' as const), from: fc.nat(nBars - 1), length: fc.integer({ min: 1, max: 6 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('predictions' as const),
        from: fc.nat(predictions.length - 1),
        length: fc.integer({ min: 1, max: 20 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('revise' as const), bar: fc.nat(nBars - 1), by: fc.constantFrom(0.9, 1.1) }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'look' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), withinMs: fc.constantFrom(0, 2_000) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), fc.boolean(), async (steps, inTheEnd) => {
      const store = await openDuckdbStore({ path: ':memory:' })
      let settler = createSettler({ store, nowMs: Date.now, onError: fail })
      const bars = new Map<number, { high: number; low: number; close: number }>()
      const made = new Set<string>()
      for (const step of [...steps, ...(inTheEnd ? [{ kind: 'look' as const }] : [])]) {
        if (step.kind === 'bars')
          await keep(
            allPlaces.slice(step.from, step.from + step.length).filter((bar) => !bars.has(timeOf(bar))),
            1,
          )
        else if (step.kind === 'revise') await keep([step.bar], step.by)
        else if (step.kind === 'predictions') {
          const some = predictions.slice(step.from, step.from + step.length)
          await store.record(some)
          for (const { id } of some) made.add(id)
        } else if (step.kind === 'restart') {
          await settler.close(step.withinMs)
          settler = createSettler({ store, nowMs: Date.now, onError: fail })
        } else await check()
      }
      await check()
      await settler.close()
      await store.close()

      async function keep(places: readonly number[], by: number): Promise<void> {
        if (places.length === 0) return
        const some = scale(pickBars(frame, places), by)
        await store.candles.keep(series, some, Date.now())
        places.forEach((bar, k) => bars.set(timeOf(bar), { high: some.high[k]!, low: some.low[k]!, close: some.close[k]! }))
      }

      async function check(): Promise<void> {
        await settler.idle()
        const outcomes = await store.outcomes.of(predictions)
        for (const one of predictions.filter(({ id }) => made.has(id))) {
          const { status, ...expected } = plainOutcome(one, bars, hourMs)
          const outcome = outcomes.get(one.id)
          if ((outcome?.status ?? 'pending') !== status) throw new Error(`${one.id} is ${outcome?.status}, not ${status}`)
          for (const [field, value] of Object.entries(expected))
            if (outcome![field as keyof StoredOutcome] !== value) throw new Error(`${one.id}: ${field} is not ${String(value)}`)
        }
      }
    }),
    { numRuns: 60 },
  )
  t.pass('holds')
})

t.test('a revised candle settles anew exactly what depended on it, and both outcomes are kept', async (t) => {
  const { store, settler, counted } = await started(t)
  await store.candles.keep(series, frame, 1)
  await store.record(predictions)
  await settler.idle()
  counted.length = 0

  const bar = 12
  const revised = pickBars(frame, [bar])
  await store.candles.keep(
    series,
    { ...revised, close: revised.close.map((close) => close * 1.001), high: revised.high.map((high) => high * 1.01) },
    2,
  )
  await settler.idle()
  const anew: string[] = []
  for (const one of predictions) {
    const history = await store.outcomes.history(one)
    if (history.length > 1) anew.push(one.id)
    if (history.length > 1) t.same(history.at(-1), (await store.outcomes.of([one])).get(one.id), 'the last one is current')
  }
  // By its close: predictions from the bar, and those that end there. By its high: short ones that have it on their way.
  const byClose = ['a12', 'a9', 'b12', 'b5', 'c12', 'c11']
  const byHigh = ['a9']
  t.same(anew.sort(), [...new Set([...byClose, ...byHigh])].sort())
  t.equal(
    counted.reduce((sum, [, rows]) => sum + rows, 0),
    anew.length,
  )
  const [before, after] = (await store.outcomes.history(predictions.find(({ id }) => id === 'a12')!)) as [StoredOutcome, StoredOutcome]
  t.equal(before.entryClose, frame.close[bar])
  t.equal(after.entryClose, frame.close[bar]! * 1.001)
})

t.test('a gap is unsettleable and says what is missing, until it is filled', async (t) => {
  const { store, settler } = await started(t)
  const one = predictions.find(({ id }) => id === 'a4')!
  await store.record([one])
  await store.candles.keep(series, pickBars(frame, [0, 1, 2, 3, 4]), 1)
  await settler.idle()
  t.equal((await store.outcomes.of([one])).size, 0, 'pending')
  await store.candles.keep(series, pickBars(frame, [10]), 1)
  await settler.idle()
  t.match((await store.outcomes.of([one])).get('a4'), {
    status: 'unsettleable',
    rule: 'log_return: ln C[t+h] - ln C[t]',
    reason:
      '3 of the 4 candles from 2025-01-01T04:00:00.000Z to 2025-01-01T07:00:00.000Z are missing, the first at 2025-01-01T05:00:00.000Z',
    entryClose: frame.close[4],
    exitClose: null,
    realised: null,
  })
  await store.candles.keep(series, pickBars(frame, [5, 7]), 1)
  await settler.idle()
  t.match((await store.outcomes.of([one])).get('a4')?.reason, /^1 of the 4 .* is missing, the first at 2025-01-01T06:00/)
  await store.candles.keep(series, pickBars(frame, [6]), 1)
  await settler.idle()
  t.match((await store.outcomes.of([one])).get('a4'), { status: 'settled', reason: null, exitClose: frame.close[7] })
  t.same(
    (await store.outcomes.history(one)).map(({ status }) => status),
    ['unsettleable', 'unsettleable', 'settled'],
  )
})

t.test('what happened while nobody settled is settled after the next start, once', async (t) => {
  const path = join(temporaryFolder(t), 'barcast.duckdb')
  const first = await openDuckdbStore({ path })
  const settler = createSettler({ store: first, nowMs: Date.now })
  await first.candles.keep(series, pickBars(frame, allPlaces.slice(0, 10)), 1)
  await first.record(predictions.slice(0, 9))
  await settler.idle()
  await settler.close()
  await first.record(predictions.slice(9))
  await first.candles.keep(series, pickBars(frame, allPlaces.slice(14)), 1)
  await first.close()

  for (const round of [1, 2]) {
    const store = await openDuckdbStore({ path })
    let rows = 0
    const again = createSettler({ store, nowMs: Date.now, count: (_, n) => (rows += n) })
    await again.idle()
    const bars = new Map([...allPlaces.slice(0, 10), ...allPlaces.slice(14)].map((bar) => [timeOf(bar), plainBar(frame, bar)]))
    const outcomes = await store.outcomes.of(predictions)
    for (const one of predictions) t.equal(outcomes.get(one.id)?.status ?? 'pending', plainOutcome(one, bars, hourMs).status, one.id)
    if (round === 2) t.equal(rows, 0, 'nothing is left to do')
    await again.close()
    await store.close()
  }
})

t.test('a store that fails is asked again', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  t.teardown(() => store.close())
  const errors: unknown[] = []
  let fails = 1
  const flaky: SettlerParts['store'] = {
    ...store,
    outcomes: {
      ...store.outcomes,
      record: (...given) => (fails-- > 0 ? Promise.reject(new Error('full')) : store.outcomes.record(...given)),
    },
  }
  const settler = createSettler({ store: flaky, nowMs: Date.now, onError: (error) => errors.push(error) })
  await store.candles.keep(series, frame, 1)
  await store.record(predictions)
  await t.rejects(settler.idle(), { message: 'full' })
  t.equal(errors.length, 1)
  await settler.idle()
  t.ok((await store.outcomes.of(predictions)).size > 30)
  await settler.close()
  await t.rejects(
    settler.idle().then(() => store.record([prediction({ id: 'late' })]).then(() => settler.idle())),
    { message: /has ended/ },
  )
})

async function started(t: { teardown: (end: () => Promise<void>) => void }) {
  const store: Store = await openDuckdbStore({ path: ':memory:' })
  const counted: [string, number][] = []
  const settler = createSettler({ store, nowMs: Date.now, onError: fail, count: (status, rows) => counted.push([status, rows]) })
  t.teardown(async () => {
    await settler.close()
    await store.close()
  })
  return { store, settler, counted }
}

function fail(error: unknown): never {
  throw error as Error
}

function timeOf(bar: number): number {
  return firstBarMs + bar * hourMs
}

function plainBar({ high, low, close }: Frame, bar: number) {
  return { high: high[bar]!, low: low[bar]!, close: close[bar]! }
}

/** A price that wanders, so that every bar differs from every other. */
function walk(length: number): Frame {
  const close = Float64Array.from({ length }, (_, bar) => 100 + 10 * Math.sin(bar * 1.3) + bar / 7)
  const open = close.map((price, bar) => close[bar - 1] ?? price)
  return {
    nBars: length,
    openTimeMs: Float64Array.from({ length }, (_, bar) => timeOf(bar)),
    open,
    high: close.map((price, bar) => Math.max(price, open[bar]!) + 0.5 + bar / 100),
    low: close.map((price, bar) => Math.min(price, open[bar]!) - 0.5 - bar / 90),
    close,
    volume: new Float64Array(length).fill(1),
  }
}

function scale(bars: Frame, by: number): Frame {
  const scaled = (column: Float64Array) => column.map((price) => price * by)
  return { ...bars, open: scaled(bars.open), high: scaled(bars.high), low: scaled(bars.low), close: scaled(bars.close) }
}
