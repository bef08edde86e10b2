import t from 'tap'
import { multiTimeframe } from '../../../src/features/multi-timeframe/catalogue.js'
import { baseName, exactFeatures, near, same } from '../support/compare.js'
import { goldenRows, marketFrame, stampMs } from '../support/frames.js'

const frame = marketFrame()
const barAt = new Map(Array.from(frame.openTimeMs, (ms, bar) => [ms, bar]))
const catalogue = multiTimeframe()

t.test('every value that the pipeline computed, on 41 real bars and both buffers', (t) => {
  const rows = goldenRows()
  t.equal(rows.length, 82)
  t.strictSame(Object.keys(rows[0]!.features), catalogue.names)
  t.strictSame(catalogue.barsPerTimeframe({ baseBars: 720, bufferBars: 6 }), rows[0]!.bars)
  const differing: string[] = []
  for (const row of rows) {
    const names = catalogue.names
    const out = new Float64Array(names.length)
    const window = { baseBars: row.base_hours, bufferBars: row.buffer_hours }
    catalogue.compile(names, window).compute(frame, barAt.get(stampMs(row.ts))!, out)
    names.forEach((name, i) => {
      const expected = number(row.features[name]!)
      if (!agrees(baseName(name), out[i]!, expected))
        differing.push(`${row.ts} buffer ${row.buffer_hours} ${name}: ${out[i]} not ${expected}`)
    })
  }
  t.strictSame(differing, [])
  t.end()
})

/** The pipeline's Hurst exponent is rounding noise around 0. Measured otherwise: at most 1.1e-12, where ln(1 + V) cancels. */
function agrees(name: string, actual: number, expected: number): boolean {
  if (exactFeatures.test(name)) return same(actual, expected)
  if (name === 'close_hurst_100') return near(actual, expected, 0, 1e-9)
  return near(actual, expected, 1e-11)
}

function number(value: number | string | null): number {
  return value === null ? NaN : value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value)
}

t.test('on real bars only the columns that lack rows, the spread and the half-life are ever missing', (t) => {
  const plan = catalogue.compile(catalogue.names, { baseBars: 720, bufferBars: 6 })
  const out = new Float64Array(catalogue.names.length)
  const missing = new Set<string>()
  for (let bar = 20_000; bar < 20_400; bar++) {
    plan.compute(frame, bar, out)
    out.forEach((value, i) => {
      if (!Number.isFinite(value)) missing.add(catalogue.names[i]!)
    })
  }
  const tooShort = ['close_hurst_100_12H', 'close_ljung_p_5_100_12H', 'close_ou_halflife_100_12H'].concat(
    ['close_vol_ratio_5_50', 'close_skew_30', 'close_kurt_30', 'close_autocorr_1_30', 'close_hurst_100', 'close_dominant_cycle_length_50']
      .concat(['close_cycle_strength_50', 'close_ljung_p_5_100', 'close_perm_entropy_3_50', 'close_ou_halflife_100'])
      .concat(['close_var_5_50', 'close_cvar_5_50', 'close_spectral_entropy_50'])
      .map((name) => `${name}_1D`),
  )
  const sometimes = /^(close_roll_spread_20_|close_ou_halflife_100_(1H|4H))/
  t.strictSame([...missing].filter((name) => !sometimes.test(name)).sort(), tooShort.sort())
  t.end()
})
