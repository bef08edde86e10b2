import fc from 'fast-check'
import t from 'tap'
import { nearestName } from '../src/nearest-name.js'

t.test('the closest name, unless nothing is close', (t) => {
  const features = ['close_sma_20_1H', 'close_sma_20_4H', 'close_ema_20_1H', 'volume']
  t.equal(nearestName('close_sma_20_1H', features), 'close_sma_20_1H')
  t.equal(nearestName('close_sma_20_1h', features), 'close_sma_20_1H', 'case does not count')
  t.equal(nearestName('close_ema20_1H', features), 'close_ema_20_1H')
  t.equal(nearestName('close_sma_20_2H', features), 'close_sma_20_1H', 'the first of equals')
  t.equal(nearestName('b', ['B', 'b']), 'b', 'unless one is the very name')
  t.equal(nearestName('Column_17', features), null)

  const fields = ['model', 'models', 'symbol', 'timeframe', 'candles']
  t.equal(nearestName('modle', fields), 'model')
  t.equal(nearestName('Candle', fields), 'candles')
  t.equal(nearestName('TIMEFRAME', fields), 'timeframe')
  t.equal(nearestName('xyzzy', fields), null)
  t.equal(nearestName('x'.repeat(1e6), fields), null)

  t.equal(nearestName('anything', []), null)
  t.equal(nearestName('', ['a']), null)
  t.end()
})

t.test('is the one with the fewest edits', (t) => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 7 })
  fc.assert(
    fc.property(word, fc.array(word, { minLength: 1, maxLength: 6 }), (name, known) => {
      const within = known.filter((candidate) => edits(name, candidate) <= Math.floor(Math.max(name.length, candidate.length) / 2))
      const expected = within.sort((a, b) => edits(name, a) - edits(name, b))[0] ?? null
      t.equal(nearestName(name, known), expected)
    }),
  )
  t.end()
})

/** The definition, as slow as it is short. */
function edits(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  if (a[0] === b[0]) return edits(a.slice(1), b.slice(1))
  return 1 + Math.min(edits(a.slice(1), b), edits(a, b.slice(1)), edits(a.slice(1), b.slice(1)))
}
