import fc from 'fast-check'
import t from 'tap'
import type { Frame } from '../../src/candles/frame.js'
import { directionOf, type Predicted } from '../../src/signals/direction-of.js'
import { signalOf } from '../../src/signals/signal-of.js'

const closeMs = Date.UTC(2025, 0, 1, 12)
const classes = ['SHORT', 'NO_TRADE', 'LONG']
const of = (yPred: readonly number[], output: string, more: Partial<Predicted> = {}): Predicted => ({
  yPred: Float64Array.from(yPred),
  output,
  classes: undefined,
  thresholds: new Float64Array(0),
  ...more,
})

function frameOf(close: readonly number[], range: number, barMs: number): Frame {
  const all = Float64Array.from(close)
  return {
    nBars: all.length,
    openTimeMs: all.map((_, k) => closeMs - (all.length - k) * barMs),
    open: all,
    high: all.map((value) => value + range / 2),
    low: all.map((value) => value - range / 2),
    close: all,
    volume: all.map(() => 1),
  }
}

t.test("crypto_bot's rule: the golden levels, times from the bar's close", (t) => {
  const frame = frameOf([41_000, 42_000], 10, 900_000)
  const candles = { frame, bar: 1, firstBar: 0 }
  t.same(signalOf({ rule: 'crypto-bot' }, of([0.1, 0.2, 0.7], 'class_probabilities', { classes }), '15m', candles), {
    rule: 'crypto-bot',
    direction: 'LONG',
    confidence: 70,
    entry: 42_084,
    stop_loss: 41_747.328,
    take_profits: [42_715.26, 43_346.52, 44_188.2].map((price, k) => ({ level: k + 1, price, eta: '2025-01-01T12:45:00.000Z' })),
    valid_until: '2025-01-01T12:30:00.000Z',
    inputs: { price: 42_000, timeframe: '15m', class: 'LONG', probability: 0.7 },
  })
  const short = signalOf({ rule: 'crypto-bot' }, of([0.5, 0.2, 0.3], 'class_probabilities', { classes }), '15m', candles)
  t.match(short, {
    direction: 'SHORT',
    entry: 41_916,
    stop_loss: 42_251.328,
    take_profits: [{ price: 41_287.26 }, { price: 40_658.52 }, { price: 39_820.2 }],
  })
  const none = signalOf({ rule: 'crypto-bot' }, of([0.2, 0.5, 0.3], 'class_probabilities', { classes }), '15m', candles)
  t.match(none, { direction: 'NO_TRADE', entry: 42_000, stop_loss: 42_000, take_profits: [] })
  t.end()
})

t.test('multiples of the range: everything that went in is told', (t) => {
  const frame = frameOf(
    Array.from({ length: 20 }, () => 100),
    2,
    3_600_000,
  )
  const rule = { rule: 'range', atr_bars: 14, stop_ranges: 1.5, take_profits: [1, 2, 3], valid_bars: 2 } as const
  t.match(signalOf(rule, of([-0.01], 'log_return'), '1h', { frame, bar: 19, firstBar: 0 }), {
    direction: 'SHORT',
    confidence: null,
    entry: 100,
    stop_loss: 103,
    take_profits: [{ price: 98 }, { price: 96 }, { price: 94 }],
    valid_until: '2025-01-01T14:00:00.000Z',
    inputs: { price: 100, atr: 2, atr_bars: 14, stop_ranges: 1.5, value: -0.01 },
  })
  t.match(
    signalOf(rule, of([0.01], 'log_return'), '1h', { frame, bar: 5, firstBar: 0 }),
    { stop_loss: 98.5, inputs: { atr: null } },
    '1 % of the price',
  )
  t.match(signalOf(rule, of([0.01], 'log_return'), '1h', undefined), /price is not known/)
  t.end()
})

t.test('directions', (t) => {
  t.match(directionOf(of([0.56], 'probability_up'), {}), { direction: 'LONG', confidence: 56.00000000000001 })
  t.match(directionOf(of([0.5], 'probability_up'), {}), { direction: 'NO_TRADE' })
  t.match(directionOf(of([0.44], 'probability_up'), { min_confidence: 60 }), { direction: 'NO_TRADE', inputs: { min_confidence: 60 } })
  t.match(directionOf(of([0.7], 'probability_up'), { min_confidence: 60 }), { direction: 'LONG', inputs: { min_confidence: 60 } })
  t.match(
    directionOf(of([0.01], 'log_return'), { min_confidence: 0 }),
    { direction: 'NO_TRADE', confidence: null, inputs: { value: 0.01, min_confidence: 0 } },
    'what has no confidence is not sure enough',
  )
  t.notOk('min_confidence' in (directionOf(of([0.7], 'probability_up'), {}) as { inputs: object }).inputs)
  const thresholds = Float64Array.of(-0.01, 0.01)
  t.match(directionOf(of([0.6, 0.3, 0.1], 'class_probabilities', { thresholds }), {}), { direction: 'SHORT' })
  t.match(directionOf(of([0.1, 0.9], 'class_probabilities'), {}), /names no direction/)
  t.match(directionOf(of([1, 2], 'score'), {}), /2 numbers/)
  t.end()
})

t.test('what is not finite is never SHORT: it gives no signal', (t) => {
  const notFinite = fc.constantFrom(NaN, Infinity, -Infinity)
  fc.assert(
    fc.property(
      fc.array(fc.double(), { maxLength: 3 }),
      notFinite,
      fc.constantFrom('class_probabilities', 'log_return'),
      (values, bad, output) => {
        const directed = directionOf(of([...values, bad], output, { classes }), {})
        return directed === 'the prediction is not finite'
      },
    ),
  )
  t.end()
})
