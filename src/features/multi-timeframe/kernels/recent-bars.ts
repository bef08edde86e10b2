import type { Kernel } from '../kernel.js'
import { maxLag, slot } from '../table/table.js'

const { close_logret_current, high_low_range_pct_current, close_open_pct_current, log_volume, log_volume_delta_current } = slot
const { sign_close_logret_current, close_logret_current_x_log_volume, close_logret_current_x_log_volume_delta_current } = slot
const { sign_close_logret_current_x_log_volume, high_low_range_pct_current_x_log_volume, close_open_pct_current_x_log_volume } = slot

const writes = {
  close_logret_current,
  high_low_range_pct_current,
  close_open_pct_current,
  log_volume,
  log_volume_delta_current,
  sign_close_logret_current,
  close_logret_current_x_log_volume,
  close_logret_current_x_log_volume_delta_current,
  sign_close_logret_current_x_log_volume,
  high_low_range_pct_current_x_log_volume,
  close_open_pct_current_x_log_volume,
}

/** Features of one bar that each lag repeats. */
const nPerBar = Object.keys(writes).length

/** The target bar and the three before it, as far as there are rows; a row 0 has no return. */
export const recentBars: Kernel = {
  writes,
  run({ nBars, open, high, low, close, volume, values }) {
    const last = nBars - 1
    let logVolume = Math.log1p(volume[last]!)
    for (let lag = 0, base = 0; lag <= maxLag && lag < nBars; lag++, base += nPerBar) {
      const i = last - lag
      const o = open[i]!
      const c = close[i]!
      const before = i > 0 ? close[i - 1]! : Number.NaN
      const logVolumeBefore = i > 0 ? Math.log1p(volume[i - 1]!) : Number.NaN
      const logReturn = c > 0 && before > 0 ? Math.log(c / before) : Number.NaN
      const range = o === 0 ? Number.NaN : (high[i]! - low[i]!) / o
      const body = o === 0 ? Number.NaN : (c - o) / o
      const logVolumeDelta = logVolume - logVolumeBefore
      const sign = Math.sign(logReturn)
      values[base + close_logret_current] = logReturn
      values[base + high_low_range_pct_current] = range
      values[base + close_open_pct_current] = body
      values[base + log_volume] = logVolume
      values[base + log_volume_delta_current] = logVolumeDelta
      values[base + sign_close_logret_current] = sign
      values[base + close_logret_current_x_log_volume] = logReturn * logVolume
      values[base + close_logret_current_x_log_volume_delta_current] = logReturn * logVolumeDelta
      values[base + sign_close_logret_current_x_log_volume] = sign * logVolume
      values[base + high_low_range_pct_current_x_log_volume] = range * logVolume
      values[base + close_open_pct_current_x_log_volume] = body * logVolume
      logVolume = logVolumeBefore
    }
  },
}
