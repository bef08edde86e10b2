import fc from 'fast-check'
import t from 'tap'
import { calendar } from '../../../../src/features/multi-timeframe/kernels/calendar.js'
import { createLookback } from '../../../../src/features/multi-timeframe/lookback.js'
import { slot } from '../../../../src/features/multi-timeframe/table/table.js'

t.test('the date of the label, as Date has it', (t) => {
  const hours = fc.oneof(fc.integer({ min: -2_000_000, max: 3_000_000 }), fc.constantFrom(0, -1, 262_968, 438_288, 438_311))
  fc.assert(
    fc.property(hours, (hour) => {
      const lookback = createLookback(1)
      lookback.labelMs = hour * 3_600_000
      calendar.run(lookback)
      const date = new Date(lookback.labelMs)
      const { values } = lookback
      return (
        values[slot.time_hour_of_day] === date.getUTCHours() &&
        values[slot.time_day_of_week] === (date.getUTCDay() + 6) % 7 &&
        values[slot.time_day_of_month] === date.getUTCDate() &&
        values[slot.time_month_of_year] === date.getUTCMonth() + 1
      )
    }),
    { numRuns: 2000 },
  )
  t.end()
})
