import t from 'tap'
import type { Frame } from '../../../src/candles/frame.js'
import { rawSequence } from '../../../src/features/raw-sequence/catalogue.js'
import { sequenceNames } from '../../../src/features/with-history.js'
import { goldenSeries } from '../support/golden-series.js'

const frame: Frame = {
  nBars: 3,
  openTimeMs: Float64Array.of(0, 60_000, 120_000),
  open: Float64Array.of(100, 100.5, 101),
  high: Float64Array.of(101, 102, 103),
  low: Float64Array.of(99, 100, 100.5),
  close: Float64Array.of(100.5, 101, 102),
  volume: Float64Array.of(1000, 1100, 900),
}
const channels = ['open', 'high', 'low', 'close', 'volume']

function values(kind: string, back: number): number[] {
  const names = channels.map((channel) => `${kind}.${channel}${back === 0 ? '' : `@${back}`}`)
  const out = new Float64Array(5)
  rawSequence().compile(names, { baseBars: 3, bufferBars: 0 }).compute(frame, 2, out)
  return [...out]
}

t.test('the worked rows', (t) => {
  const near = (got: readonly number[], expected: readonly number[]) => got.every((value, k) => Math.abs(value - expected[k]!) < 6e-8)
  t.ok(near(values('returns', 0), [0.00497514, 0.02487564, 0, 0.01492536, -0.1]), String(values('returns', 0)))
  t.ok(near(values('minmax', 1), [0.5, 0.5, 0.66666669, 0.33333334, 1]), String(values('minmax', 1)))
  t.same(
    values('none', 2),
    [100, 101, 99, 100.5, 1000].map((value) => Math.fround(value)),
  )
  t.ok(near(values('log_returns', 0), values('returns', 0).map(Math.log1p)))
  t.end()
})

t.test('a sequence: oldest bar first, channels within a bar, all scaled by the first bar of the window', (t) => {
  const series = goldenSeries(100)
  const names = sequenceNames(
    channels.map((channel) => `returns.${channel}`),
    64,
  )
  t.equal(names.length, 320)
  t.equal(names[0], 'returns.open@63')
  t.equal(names.at(-1), 'returns.volume')
  const out = new Float64Array(320)
  rawSequence().compile(names, { baseBars: 64, bufferBars: 0 }).compute(series, 99, out)
  const divisor = Math.fround(Math.fround(series.close[36]!) + Math.fround(1e-8))
  t.equal(out[3], Math.fround(Math.fround(Math.fround(series.close[36]!) / divisor) - 1))
  t.throws(() => rawSequence().compile(['returns.close@64'], { baseBars: 64, bufferBars: 0 }), RangeError)
  t.throws(() => rawSequence().compile(['zscore.close'], { baseBars: 64, bufferBars: 0 }), { name: 'FeatureMismatch' })
  t.end()
})
