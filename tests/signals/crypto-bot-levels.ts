import t from 'tap'
import { timeframes } from '../../src/candles/timeframe.js'
import { signalDoubts } from '../../src/models/signal-rule.js'
import { cryptoBotLevels, round8 } from '../../src/signals/crypto-bot-levels.js'
import { rangeLevels } from '../../src/signals/range-levels.js'

t.test('the worked levels', (t) => {
  const minute = 60_000
  t.same(cryptoBotLevels('LONG', 42_000, '15m'), {
    entry: 42_084,
    stop: 41_747.328,
    takeProfits: [42_715.26, 43_346.52, 44_188.2],
    validMs: 30 * minute,
    etaMs: 45 * minute,
  })
  t.same(cryptoBotLevels('SHORT', 42_000, '15m'), {
    entry: 41_916,
    stop: 42_251.328,
    takeProfits: [41_287.26, 40_658.52, 39_820.2],
    validMs: 30 * minute,
    etaMs: 45 * minute,
  })
  t.same(cryptoBotLevels('NO_TRADE', 42_000.123456789, '1h').takeProfits, [])
  t.equal(cryptoBotLevels('NO_TRADE', 42_000.123456789, '1h').entry, 42_000.123456789, 'not rounded')
  t.same(cryptoBotLevels('LONG', 10, '12h'), cryptoBotLevels('LONG', 10, '15m'), 'an unknown timeframe has those of 15m')
  t.equal(cryptoBotLevels('LONG', 10, '1d').validMs, 2880 * minute)
  t.end()
})

t.test('timeframes that the table does not have are told', (t) => {
  const rule = { rule: 'crypto-bot' } as const
  t.same(
    timeframes.filter((timeframe) => signalDoubts(rule, timeframe).length > 0),
    ['30m', '12h'],
  )
  t.match(signalDoubts(rule, '12h'), [/no levels for 12h: those of 15m .* 30 minutes/])
  t.same(signalDoubts({ rule: 'range', atr_bars: 14, stop_ranges: 1, take_profits: [1], valid_bars: 2 }, '12h'), [])
  t.same(signalDoubts(undefined, '12h'), [])
  t.end()
})

t.test('rounding is by the exact value, half-way to even', (t) => {
  t.equal(round8(1 / 512), 0.00195312)
  t.equal(round8(3 / 512), 0.00585938)
  t.equal(round8(0.123456785), 0.12345678, 'this double lies below the half')
  t.equal(round8(42_084), 42_084)
  t.end()
})

t.test('levels by ranges', (t) => {
  t.same(rangeLevels('LONG', 100, 2), { entry: 100, stop: 97, takeProfits: [102, 104, 106] })
  t.same(rangeLevels('SHORT', 100, 2), { entry: 100, stop: 103, takeProfits: [98, 96, 94] })
  t.same(rangeLevels('LONG', 100, NaN), { entry: 100, stop: 98.5, takeProfits: [101, 102, 103] }, 'without a range 1 %')
  t.same(rangeLevels('NO_TRADE', 100, 2), { entry: null, stop: null, takeProfits: [] })
  t.end()
})
