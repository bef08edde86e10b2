import t from 'tap'
import { checkConsistency } from '../../../src/commands/backfilling/check-consistency.js'

const hours = (...list: number[]) => list.map((hour) => Date.UTC(2025, 0, 1, hour))

t.test('both sides are there for the same bars', (t) => {
  t.equal(checkConsistency({ candlesMs: hours(1, 2), featuresMs: hours(1, 2), featureKey: undefined }), undefined)
  t.equal(checkConsistency({ candlesMs: [], featuresMs: [], featureKey: undefined }), undefined)
  t.end()
})

t.test('missing features, at most ten of them by name', (t) => {
  const candlesMs = hours(...Array.from({ length: 13 }, (_, k) => k))
  const text = checkConsistency({ candlesMs, featuresMs: hours(4), featureKey: undefined })!
  const lines = text.split('\n')
  t.equal(lines[0], 'ERROR: 12 timestamps have OHLCV but missing features:')
  t.equal(lines[1], '  - 2025-01-01 00:00:00')
  t.equal(lines[11], '  ... and 2 more')
  t.equal(
    lines[12],
    '[ERROR] Data validation failed: Feature data is incomplete. Compute the features of these bars and run this again, or choose other bars.',
  )
  t.end()
})

t.test('features ahead of the candles', (t) => {
  const text = checkConsistency({ candlesMs: hours(1), featuresMs: hours(1, 2), featureKey: 'k' })!
  t.equal(
    text,
    'ERROR: 1 timestamps have features but missing OHLCV:\n  - 2025-01-01 02:00:00\n' +
      '[ERROR] Data validation failed: OHLCV data is incomplete or features are ahead of OHLCV. This should not happen - check data integrity.\n',
  )
  t.end()
})
