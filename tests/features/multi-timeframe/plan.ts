import fc from 'fast-check'
import t from 'tap'
import { multiTimeframe } from '../../../src/features/multi-timeframe/catalogue.js'
import { baseName, near, same } from '../support/compare.js'
import { frameOf, hourMs, type Bar } from '../support/frames.js'
import { plainFeatures } from '../support/plain-features.js'
import { magnitudes, mean } from '../support/plain-primitives.js'
import { plainRows, type Row } from '../support/plain-rows.js'

const catalogue = multiTimeframe()

/** Moves of the close: ordinary ones, ticks with ties, none, spikes. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -0.02, max: 0.02, noNaN: true }) },
  { weight: 3, arbitrary: fc.integer({ min: -2, max: 2 }).map((ticks) => ticks / 256) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(-0.5, 1) },
)
const wick = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.01, noNaN: true }))
const volume = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 5, arbitrary: fc.double({ min: 0, max: 1e9, noNaN: true }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 3 }) },
)
const bar = fc.record({ step, above: wick, below: wick, gap: fc.oneof(fc.constant(0), step), volume })

const history = fc
  .record({
    baseBars: fc.oneof(fc.integer({ min: 1, max: 130 }), fc.constantFrom(168, 240)),
    bufferBars: fc.integer({ min: 0, max: 30 }),
    extraBars: fc.integer({ min: 0, max: 3 }),
    start: fc.integer({ min: -100_000, max: 500_000 }),
    price: fc.constantFrom(1e-12, 1.234e-5, 1, 97.53, 64_000.01, 1e7),
    pattern: fc.array(bar, { minLength: 1, maxLength: 400 }),
  })
  .map(({ baseBars, bufferBars, extraBars, start, price, pattern }) => {
    const nBars = baseBars + bufferBars + 2 * extraBars
    let close = price
    const bars = Array.from({ length: nBars }, (_, i): Bar => {
      const { step, above, below, gap, volume } = pattern[i % pattern.length]!
      const o = close * (1 + gap / 10)
      // Keeps the walk near its start, whatever the pattern repeats.
      close *= close > price * 50 ? 0.5 : close < price / 50 ? 2 : 1 + step
      return [o, Math.max(o, close) * (1 + above), Math.min(o, close) * (1 - below), close, volume]
    })
    return { frame: frameOf(bars, start * hourMs), lastBar: nBars - 1 - extraBars, baseBars, bufferBars }
  })

/** Relative and absolute tolerance where the two add up in another order on purpose or call the engine's sin, cos and pow. */
const loose: Record<string, readonly [relative: number, absolute: number]> = {
  close_skew_30: [1e-14, 0],
  close_autocorr_1_30: [1e-12, 1e-15],
  close_cycle_strength_50: [1e-11, 0],
  close_spectral_entropy_50: [1e-11, 1e-13],
  close_ljung_p_5_100: [1e-12, 0],
  close_perm_entropy_3_50: [1e-14, 0],
  time_hour_sin: [1e-15, 0],
  time_month_sin: [1e-15, 0],
}

const hours: Readonly<Record<string, number>> = { '1H': 1, '4H': 4, '12H': 12, '1D': 24 }
const isCycle = /^close_(dominant_cycle_length|cycle_strength)_50/

t.test('agrees with the plain implementation on any history', (t) => {
  fc.assert(
    fc.property(history, ({ frame, lastBar, baseBars, bufferBars }) => {
      const out = new Float64Array(catalogue.names.length).fill(12345)
      catalogue.compile(catalogue.names, { baseBars, bufferBars }).compute(frame, lastBar, out)
      const plain = plainFeatures(frame, lastBar, baseBars, bufferBars)
      const rowsOf = (name: string) => plainRows(frame, lastBar, baseBars, bufferBars, hours[name.slice(name.lastIndexOf('_') + 1)]!)
      const differing = catalogue.names.filter(
        (name, i) => !agrees(baseName(name), out[i]!, plain.get(name) ?? NaN) && !(isCycle.test(name) && onlyAlternates(rowsOf(name))),
      )
      const shown = differing.map((name) => `${name} ${out[catalogue.names.indexOf(name)]} ${plain.get(name)}`)
      if (differing.length > 0) throw new Error(shown.join('\n'))
    }),
    { numRuns: 150 },
  )
  t.end()
})

function agrees(name: string, fast: number, plain: number): boolean {
  if (same(fast, plain)) return true
  const tolerance = loose[name]
  return tolerance !== undefined && near(fast, plain, tolerance[0], tolerance[1])
}

/** Closes that alternate leave nothing but rounding in the frequencies that the cycle features look at. */
function onlyAlternates(rows: readonly Row[]): boolean {
  const closes = rows.slice(-50).map((row) => row.c)
  const sizes = magnitudes(closes.map((c) => c - mean(closes)))
  return Math.max(...sizes.slice(1, 25)) < 1e-6 * sizes[25]!
}
