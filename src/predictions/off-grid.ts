import type { Timeframe } from '../candles/timeframe.js'
import { invalidAt, type Problem } from '../errors.js'
import { iso } from '../iso.js'

/** Why a time is refused that is no open time of the timeframe; with microseconds where it has any, without which it may seem to be one. */
export function offGrid(pointer: string, ms: number, timeframe: Timeframe): Problem {
  const microseconds = Math.round((ms - Math.floor(ms)) * 1000)
  const time = microseconds === 0 ? iso(ms) : iso(ms).replace('Z', `${String(microseconds).padStart(3, '0')}Z`)
  return invalidAt(pointer, `${time} is not on the grid of ${timeframe} candles`)
}
