import fc from 'fast-check'
import t from 'tap'
import type { Frame } from '../../../src/candles/frame.js'
import { FeatureMismatch } from '../../../src/features/catalogue.js'
import { multiTimeframe } from '../../../src/features/multi-timeframe/catalogue.js'
import { barsOf, frameOf } from '../support/frames.js'

const catalogue = multiTimeframe()
const window = { baseBars: 720, bufferBars: 6 }
const nBars = 760
const lastBar = 740
const startMs = Date.UTC(2024, 6, 1, 9)
const bars = barsOf(
  Array.from({ length: nBars }, (_, i) => 100 * Math.exp(0.05 * Math.sin(i * 1.7) + 0.03 * Math.sin(i * i * 0.31))),
  0.002,
  (i) => 5 + ((i * 7919) % 1000) / 7,
)
const frame = frameOf(bars, startMs)

t.test('names whose values in training cannot be computed again, and why', (t) => {
  const { unreproducible } = multiTimeframe()
  t.same(
    [...unreproducible.keys()],
    ['1H', '4H', '12H', '1D'].map((suffix) => `close_hurst_100_${suffix}`),
  )
  for (const why of unreproducible.values()) t.match(why, /rounding noise/)
  t.end()
})

t.test('names: 440 base features, then 176 of the last bars, timeframe by timeframe', (t) => {
  t.equal(catalogue.name, 'multi-timeframe')
  t.strictSame(catalogue.timeframes, ['1h'])
  t.equal(catalogue.names.length, 616)
  t.equal(new Set(catalogue.names).size, 616)
  t.equal(catalogue.names[0], 'close_open_diff_current_1H')
  t.equal(catalogue.names[109], 'close_spectral_entropy_50_1H')
  t.equal(catalogue.names[110], 'close_open_diff_current_4H')
  t.equal(catalogue.names[439], 'close_spectral_entropy_50_1D')
  t.equal(catalogue.names[440], 'close_logret_current_1H')
  t.equal(catalogue.names[451], 'close_logret_lag_1_1H')
  t.equal(catalogue.names[615], 'close_open_pct_lag_3_x_log_volume_lag_3_1D')
  t.end()
})

t.test('an unknown name is refused with the nearest known one', (t) => {
  try {
    catalogue.compile(['close_rsi_14_1H', 'close_rsi_14_1h', 'Column_7'], window)
    t.fail('compiled')
  } catch (error) {
    t.ok(error instanceof FeatureMismatch)
    t.strictSame((error as FeatureMismatch).unknown, [
      { name: 'close_rsi_14_1h', nearest: 'close_rsi_14_1H' },
      { name: 'Column_7', nearest: null },
    ])
  }
  for (const name of ['__proto__', 'constructor', '', 'close_rsi_14']) t.throws(() => catalogue.compile([name], window), FeatureMismatch)
  t.end()
})

t.test('bars per timeframe, at least one', (t) => {
  t.strictSame(catalogue.barsPerTimeframe(window), { '1H': 720, '4H': 180, '12H': 60, '1D': 30 })
  t.strictSame(catalogue.barsPerTimeframe({ baseBars: 168, bufferBars: 0 }), { '1H': 168, '4H': 42, '12H': 14, '1D': 7 })
  t.strictSame(catalogue.barsPerTimeframe({ baseBars: 10, bufferBars: 3 }), { '1H': 10, '4H': 2, '12H': 1, '1D': 1 })
  t.end()
})

t.test('a window that cannot be is refused', (t) => {
  for (const baseBars of [0, -1, 1.5, NaN, Infinity]) t.throws(() => catalogue.compile([], { baseBars, bufferBars: 0 }), RangeError)
  for (const bufferBars of [-1, 0.5, NaN]) t.throws(() => catalogue.compile([], { baseBars: 720, bufferBars }), RangeError)
  t.end()
})

t.test('a bar without a whole window, or values that do not fit, are refused before anything is written', (t) => {
  const plan = catalogue.compile(['log_close_1H', 'log_close_1D'], window)
  t.equal(plan.windowBars, 726)
  const out = new Float64Array(3).fill(7)
  for (const bar of [724, -1, nBars, NaN]) t.throws(() => plan.compute(frame, bar, out), RangeError)
  t.throws(() => plan.compute(frame, lastBar, out, 2), RangeError)
  t.strictSame([...out], [7, 7, 7])
  t.doesNotThrow(() => plan.compute(frame, 725, out, 1))
  t.equal(out[0], 7)
  t.equal(out[1], Math.log(frame.close[725]!))
  t.end()
})

t.test('columns come in the order asked for, also twice; no names, no columns', (t) => {
  const plan = catalogue.compile(['log_close_4H', 'close_sma_20_1H', 'log_close_4H'], window)
  t.strictSame(plan.names, ['log_close_4H', 'close_sma_20_1H', 'log_close_4H'])
  const out = compute(plan.names)
  t.equal(out[0], out[2])
  t.not(out[0], out[1])
  t.strictSame(compute([]).length, 0)
  t.end()
})

t.test('any choice of names gives the bits that all names give', (t) => {
  const all = compute(catalogue.names)
  const index = new Map(catalogue.names.map((name, i) => [name, i]))
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...catalogue.names), { maxLength: 30 }), (names) => {
      const out = compute(names)
      return names.every((name, i) => Object.is(out[i], all[index.get(name)!]))
    }),
  )
  for (const [i, name] of catalogue.names.entries()) {
    const [alone] = compute([name])
    if (!Object.is(alone, all[i])) t.fail(`${name} alone is ${alone}, among all ${all[i]}`)
  }
  t.end()
})

t.test('a plan that is used again gives the same bits, whatever it computed between', (t) => {
  const plan = catalogue.compile(catalogue.names, window)
  const first = new Float64Array(616)
  const again = new Float64Array(616)
  plan.compute(frame, lastBar, first)
  plan.compute(frameOf(barsOf(Array.from({ length: 726 }, () => 5)), startMs), 725, again)
  plan.compute(frame, lastBar, again)
  t.strictSame(again, first)
  t.end()
})

t.test('bars outside the window change nothing, and nothing of the frame is changed', (t) => {
  const all = compute(catalogue.names)
  const outside = fc.oneof(fc.integer({ min: 0, max: lastBar - 726 }), fc.integer({ min: lastBar + 1, max: nBars - 1 }))
  const column = fc.constantFrom('open', 'high', 'low', 'close', 'volume', 'openTimeMs')
  fc.assert(
    fc.property(fc.array(fc.tuple(outside, column, fc.double()), { minLength: 1, maxLength: 20 }), (changes) => {
      const changed = copy(frame)
      for (const [bar, name, value] of changes) changed[name][bar] = value
      const before = copy(changed)
      const out = compute(catalogue.names, changed)
      t.strictSame(changed, before)
      return out.every((value, i) => Object.is(value, all[i]))
    }),
    { numRuns: 30 },
  )
  t.end()
})

t.test('where the frame starts does not matter, only the window', (t) => {
  const cut = (x: Float64Array) => x.slice(lastBar - 725, lastBar + 1)
  const { openTimeMs, open, high, low, close, volume } = frame
  const short: Frame = {
    nBars: 726,
    openTimeMs: cut(openTimeMs),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  }
  t.strictSame(compute(catalogue.names, short, 725), compute(catalogue.names))
  t.end()
})

function compute(names: readonly string[], of = frame, bar = lastBar): Float64Array {
  const out = new Float64Array(names.length)
  catalogue.compile(names, window).compute(of, bar, out)
  return out
}

function copy({ openTimeMs, open, high, low, close, volume }: Frame) {
  return {
    nBars,
    openTimeMs: openTimeMs.slice(),
    open: open.slice(),
    high: high.slice(),
    low: low.slice(),
    close: close.slice(),
    volume: volume.slice(),
  }
}
