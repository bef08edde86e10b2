import t from 'tap'
import { createSettler } from '../../src/outcomes/settler.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import { realCandles } from '../candles/support/real-candles.js'
import { hourMs, prediction } from '../store/support/prediction.js'
import { keepAll } from './support/keep-bars.js'
import { anyOutputs, kinds, randomFrom } from './support/kinds.js'
import { plainOutcome } from './support/plain-outcome.js'

const series = { symbol: 'BTCUSDT', timeframe: '1h' }

t.test('every outcome over the real candles, gaps and all, is that of the plain computation', { timeout: 240_000 }, async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  const frame = realCandles()
  const bars = new Map(
    Array.from(frame.openTimeMs, (time, bar) => [time, { high: frame.high[bar]!, low: frame.low[bar]!, close: frame.close[bar]! }]),
  )
  const newestMs = frame.openTimeMs.at(-1)!
  await keepAll(store, series, frame)

  const random = randomFrom(5)
  const predictions = [...barsToPredict(frame.openTimeMs)].flatMap((barTimeMs) =>
    Object.entries(kinds).map(([model, kind]) => {
      const yPred = anyOutputs(kind, random)
      return prediction({ id: `${model}-${barTimeMs}`, ...series, model, ...kind, barTimeMs, yPred, yRaw: yPred })
    }),
  )
  for (let first = 0; first < predictions.length; first += 2_000) await store.record(predictions.slice(first, first + 2_000))

  const counted: Record<string, number> = {}
  const settler = createSettler({ store, nowMs: Date.now, count: (status, n) => (counted[status] = (counted[status] ?? 0) + n) })
  await settler.idle()

  const outcomes = await store.outcomes.of(predictions)
  const seen: Record<string, number> = { pending: 0, settled: 0, unsettleable: 0 }
  let different = 0
  for (const one of predictions) {
    const { status, ...expected } = plainOutcome(one, bars, hourMs, newestMs)
    const outcome = outcomes.get(one.id)
    seen[status]!++
    const isSame =
      (outcome?.status ?? 'pending') === status &&
      Object.entries(expected).every(([field, value]) => Object.is(zero(outcome?.[field as keyof typeof outcome]), zero(value)))
    if (!isSame && different++ < 5) t.same(outcome, { status, ...expected }, one.id)
    if (status === 'settled' && one.output !== 'return') {
      const ratio = Math.log(bars.get(one.barTimeMs + one.horizonBars * hourMs)!.close / bars.get(one.barTimeMs)!.close)
      if (Math.abs(outcome!.realised! - ratio) > 4e-15) t.fail(`${one.id}: not ln(C[t+h] / C[t])`)
    }
  }
  t.equal(different, 0, 'all are the same')
  t.ok(seen.settled! >= 5_000, `${seen.settled} settled`)
  t.ok(seen.unsettleable! > 500, `${seen.unsettleable} unsettleable, scores among them`)
  t.ok(seen.pending! > 20, `${seen.pending} pending`)
  t.same(counted, { settled: seen.settled, unsettleable: seen.unsettleable }, 'each was recorded once')
  await settler.close()
  await store.close()
})

/** Every 60th bar, those around each gap, the last ones, and bars that the file lacks. */
function barsToPredict(times: Float64Array): Set<number> {
  const chosen = new Set<number>()
  const last = times.length - 1
  for (let bar = 0; bar <= last; bar += 60) chosen.add(times[bar]!)
  for (let bar = 1; bar <= last; bar++) {
    if (times[bar]! - times[bar - 1]! === hourMs) continue
    for (const near of [-170, -169, -168, -167, -25, -24, -23, -5, -4, -3, -2, -1, 0, 1]) chosen.add(times[bar + near]!)
    chosen.add(times[bar]! - hourMs)
  }
  for (const before of [0, 1, 3, 4, 5, 23, 24, 25, 167, 168, 169]) chosen.add(times[last - before]!)
  return chosen
}

/** −0 is 0: a return of nothing has no side. */
function zero(value: unknown): unknown {
  return value === 0 ? 0 : value
}
