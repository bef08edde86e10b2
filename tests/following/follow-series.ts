import fc from 'fast-check'
import t from 'tap'
import { parseCandles } from '../../src/candles/parse.js'
import { durationMs } from '../../src/candles/timeframe.js'
import { createCatchUp } from '../../src/following/catch-up.js'
import { FollowFailure } from '../../src/following/failure.js'
import { createSeriesFollower, type FollowEvent } from '../../src/following/follow-series.js'
import { type FollowedSeries, followFileSchema } from '../../src/following/schema.js'
import type { Source } from '../../src/following/source.js'
import { createMarket, type Market } from './support/market.js'
import { memorySink } from './support/memory-sink.js'
import { virtualClock } from './support/virtual-clock.js'

const durMs = durationMs('1m')
const startMs = Date.UTC(2025, 0, 1)
const windowBars = 8
const models = [
  { name: 'long', windowBars },
  { name: 'short', windowBars: 3 },
]

function seriesOf(more: object = {}): FollowedSeries {
  const source = { kind: 'csv', path: 'none' }
  return followFileSchema.parse({ series: [{ symbol: 'X', timeframe: '1m', source, delay_ms: 1_500, ...more }] }).series[0]!
}

/** What a source does instead of answering properly. */
const faults = [
  'fail',
  'limited',
  'empty',
  'behind',
  'shuffled',
  'twice',
  'hole',
  'conflict',
  'bad',
  'late',
  'very-late',
  'keep',
  'predict',
] as const
type Fault = (typeof faults)[number] | 'none' | 'revision'

interface World {
  readonly market: Market
  readonly clock: ReturnType<typeof virtualClock>
  /** One per look at the source, then none. */
  readonly faults: Fault[]
  readonly pageBars: number
}

function scriptedSource({ market, clock, faults, pageBars }: World, sink: ReturnType<typeof memorySink>): Source & { inFlight: number } {
  const source = {
    about: 'scripted',
    pageBars,
    inFlight: 0,
    async page(sinceMs: number) {
      if (++source.inFlight > 1) throw new Error('two looks at once')
      try {
        await Promise.resolve()
        return answer(sinceMs, faults.shift() ?? 'none')
      } finally {
        source.inFlight--
      }
    },
  }
  return source

  function answer(sinceMs: number, fault: Fault) {
    const nowMs = clock.nowMs()
    const rows = market.rows(sinceMs, nowMs, pageBars)
    const closed = rows.filter(([ms]) => ms! + durMs <= nowMs)
    sink.fail = (what) => {
      if (fault === what) throw new FollowFailure('service', 'store-unavailable')
    }
    clock.pass(fault === 'late' ? 5_000 : fault === 'very-late' ? 3.4 * durMs : 20)
    switch (fault) {
      case 'fail':
        throw new FollowFailure('unreachable', 'gone')
      case 'limited':
        throw new FollowFailure('rate-limited', 'too many', { retryAfterMs: 90_000 })
      case 'empty':
        return undefined
      case 'behind':
        return closed.length < 2 ? undefined : parseCandles(closed.slice(0, -1))
      case 'shuffled':
        return parseCandles(rows.toReversed())
      case 'twice':
        return parseCandles([...rows, ...rows])
      case 'hole':
        return rows.length < 4 ? undefined : parseCandles(rows.toSpliced(rows.length - 3, 1))
      case 'conflict':
        return parseCandles([...rows, rows[0]!.with(5, 999)])
      case 'bad':
        return parseCandles([...rows, rows[0]!.with(2, 0.1)])
      case 'revision':
        // What is not known yet cannot be seen to change.
        if (closed.length > 1 && sink.candles.has(closed.at(-2)![0]!)) market.revise(closed.at(-2)![0]!)
        return parseCandles(market.rows(sinceMs, nowMs, pageBars))
      case 'none':
      case 'late':
      case 'very-late':
      case 'keep':
      case 'predict':
        return parseCandles(rows)
    }
  }
}

async function follow(faultsInOrder: Fault[], nBars: number, more: object = {}, pageBars = 1_000) {
  const clock = virtualClock(startMs + 0.3 * durMs)
  const market = createMarket(durMs)
  const sink = memorySink(models, durMs)
  const source = scriptedSource({ market, clock, faults: faultsInOrder, pageBars }, sink)
  const events: FollowEvent[] = []
  const ending = new AbortController()
  const series = seriesOf(more)
  const endMs = startMs + nBars * durMs
  const sleepUntil = clock.sleepUntil.bind(clock)
  const watched = {
    ...clock,
    async sleepUntil(ms: number, signal: AbortSignal) {
      if (faultsInOrder.length === 0 && clock.nowMs() >= endMs) ending.abort()
      await sleepUntil(ms, signal)
    },
  }
  const follower = createSeriesFollower({ series, source, sink, clock: watched, random: () => 0.5, tell: (event) => events.push(event) })
  await follower.run(ending.signal)
  return { clock, market, sink, events, follower }
}

/** Every closed bar is stored with its final values, and predicted once by each model. */
function check({ market, sink, clock }: Awaited<ReturnType<typeof follow>>): void {
  const newestMs = Math.floor((clock.nowMs() - 1_500) / durMs) * durMs - durMs
  const times = [...sink.candles.keys()].sort((a, b) => a - b)
  const firstMs = times[0]!
  if (times.at(-1) !== newestMs) throw new Error(`newest is ${times.at(-1)}, not ${newestMs}`)
  if (times.length !== (newestMs - firstMs) / durMs + 1) throw new Error('bars are missing')
  for (const [ms, { open, high, low, close, volume }] of sink.candles) {
    if (String([ms, open, high, low, close, volume]) !== String(market.row(ms))) throw new Error(`bar ${ms} has other values`)
  }
  for (const { name } of models) {
    const predicted = sink.predictions.filter(({ model }) => model === name).map(({ barTimeMs }) => barTimeMs)
    const sorted = predicted.toSorted((a, b) => a - b)
    const wanted = Array.from({ length: (newestMs - sorted[0]!) / durMs + 1 }, (_, n) => sorted[0]! + n * durMs)
    if (String(sorted) !== String(wanted)) throw new Error(`${name} predicted ${String(sorted)}`)
    if (sorted[0]! > startMs + durMs * 60) throw new Error('it began late')
  }
  if (String(sink.revisions) !== String([...market.revised]))
    throw new Error(`revised ${String(sink.revisions)}, not ${String([...market.revised])}`)
}

t.test('fifty quiet bars: one look each, live, after the delay', async (t) => {
  const world = await follow([], 50)
  check(world)
  const { sink, events } = world
  const looks = events.filter(({ kind }) => kind === 'looked')
  t.equal(looks.length, 51)
  t.equal(sink.candles.size, 50 + windowBars)
  t.ok(sink.predictions.every(({ origin }) => origin === 'live'))
  t.match(world.follower.state(), { state: 'stopped', lastError: null, nextAttemptMs: null })
})

t.test('after an outage the missed bars are caught up, the newest is on time', async (t) => {
  const down = Array.from({ length: 40 }, (): Fault => 'fail')
  const world = await follow(['none', 'none', ...down], 60, { retry: { first_ms: 10_000, most_ms: 20_000 } })
  check(world)
  const caughtUp = world.sink.predictions.filter(({ model, origin }) => model === 'long' && origin === 'catch-up')
  t.ok(caughtUp.length > 5, `${caughtUp.length} caught up`)
  const oldest = Math.min(...caughtUp.map(({ barTimeMs }) => barTimeMs))
  const newest = Math.max(...caughtUp.map(({ barTimeMs }) => barTimeMs))
  t.equal((newest - oldest) / durMs + 1, caughtUp.length, 'one stretch')
  const after = world.sink.predictions.find(({ model, barTimeMs }) => model === 'long' && barTimeMs === newest + durMs)
  t.equal(after?.origin, 'live')
})

t.test('last_bar leaves out what was missed, start_bars begins earlier', async (t) => {
  const down = Array.from({ length: 40 }, (): Fault => 'fail')
  const quick = { retry: { first_ms: 10_000, most_ms: 20_000 } }
  const { sink } = await follow(['none', 'none', ...down], 30, { ...quick, catch_up: 'last_bar' })
  t.equal(sink.predictions.filter(({ origin }) => origin === 'catch-up').length, 0)
  t.equal(sink.candles.size, Math.max(...sink.candles.keys()) / durMs - Math.min(...sink.candles.keys()) / durMs + 1, 'candles are whole')

  const early = await follow([], 3, { start_bars: 20 })
  check(early)
  const long = early.sink.predictions.filter(({ model }) => model === 'long')
  t.equal(long.length, 20 + 3)
  t.equal(long.filter(({ origin }) => origin === 'catch-up').length, 19)
})

t.test('many models are caught up in calls of at most 100', async (t) => {
  const many = Array.from({ length: 230 }, (_, i) => ({ name: `model-${i}`, windowBars: 1 }))
  const sink = memorySink(many, durMs)
  const calls: number[] = []
  const counting = {
    ...sink,
    predict: (...asked: Parameters<typeof sink.predict>) => (calls.push(asked[1].length), sink.predict(...asked)),
  }
  const candles = createMarket(durMs).rows(startMs, startMs + 10 * durMs, 10)
  await sink.keep(seriesOf(), parseCandles(candles))
  const extent = (await sink.extent(seriesOf()))!
  const due = { models: many, extent, expectedMs: extent.lastMs, signal: new AbortController().signal }
  const done = await createCatchUp(seriesOf({ start_bars: 5 }), counting).predictDue(due)
  t.equal(done.predicted, 230 * 5)
  t.strictSame(calls, [100, 100, 30, 100, 100, 30], 'the late bars, then the newest')
})

t.test('history comes in pages', async (t) => {
  const world = await follow([], 5, { lookback_bars: 100 }, 7)
  check(world)
  t.equal(world.sink.candles.size, 105)
})

t.test('Retry-After is waited for', async (t) => {
  const { events } = await follow(['none', 'limited'], 5)
  const failed = events.find(({ kind }) => kind === 'failed')
  t.match(failed, { waitMs: 90_000, failure: { reason: 'rate-limited' } })
})

t.test('an answer that takes longer than a bar brings no unfinished bar', async (t) => {
  const world = await follow(['none', 'very-late', 'none', 'very-late'], 20)
  check(world)
  t.equal(world.sink.revisions.length, 0)
})

t.test('whatever a source does, in any order: every closed bar is stored and predicted once', async () => {
  const fault = fc.constantFrom<Fault>(...faults, 'revision', 'none', 'none')
  const pageBars = fc.constantFrom(5, 12, 1_000)
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 40 }), pageBars, async (sequence, page) => {
      check(await follow(['none', ...sequence], 25, { overlap_bars: 4 }, page))
    }),
    { numRuns: 150 },
  )
})
