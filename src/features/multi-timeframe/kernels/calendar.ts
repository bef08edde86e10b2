import type { Kernel } from '../kernel.js'
import { slot } from '../table/table.js'
import { calendarAngles } from './calendar-angles.js'

const { time_hour_of_day, time_day_of_week, time_day_of_month, time_month_of_year } = slot
const { time_hour_sin, time_hour_cos, time_dow_sin, time_dow_cos, time_month_sin, time_month_cos } = slot

const hourMs = 3_600_000
const dayMs = 86_400_000

/** Date of the last row's label. Whole-number arithmetic instead of a Date, which would be garbage. */
export const calendar: Kernel = {
  writes: {
    time_hour_of_day,
    time_day_of_week,
    time_day_of_month,
    time_month_of_year,
    time_hour_sin,
    time_hour_cos,
    time_dow_sin,
    time_dow_cos,
    time_month_sin,
    time_month_cos,
  },
  run({ labelMs, values }) {
    const day = Math.floor(labelMs / dayMs)
    const hour = Math.floor((labelMs - day * dayMs) / hourMs)
    const dayOfWeek = (((day + 3) % 7) + 7) % 7 // 1970-01-01 was a Thursday
    // http://howardhinnant.github.io/date_algorithms.html#civil_from_days
    const shifted = day + 719468
    const era = Math.floor(shifted / 146097)
    const dayOfEra = shifted - era * 146097
    const yearOfEra = Math.floor(
      (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
    )
    const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
    const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
    const dayOfMonth = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
    const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    values[time_hour_of_day] = hour
    values[time_day_of_week] = dayOfWeek
    values[time_day_of_month] = dayOfMonth
    values[time_month_of_year] = month
    values[time_hour_sin] = calendarAngles.hour.sin[hour]!
    values[time_hour_cos] = calendarAngles.hour.cos[hour]!
    values[time_dow_sin] = calendarAngles.day.sin[dayOfWeek]!
    values[time_dow_cos] = calendarAngles.day.cos[dayOfWeek]!
    values[time_month_sin] = calendarAngles.month.sin[month]!
    values[time_month_cos] = calendarAngles.month.cos[month]!
  },
}
