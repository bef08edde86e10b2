import type { Row } from './plain-rows.js'

/** The eleven current-bar features and their three lags; rows that do not exist are left out. */
export function plainRecentFeatures(rows: readonly Row[]): [string, number][] {
  const all: [string, number][] = []
  for (let lag = 0; lag <= 3 && lag < rows.length; lag++) {
    const row = rows.at(-1 - lag)!
    const before = rows.at(-2 - lag)
    const tail = lag === 0 ? '_current' : `_lag_${lag}`
    const inner = lag === 0 ? '' : `_lag_${lag}`
    const logReturn = before === undefined ? NaN : Math.log(row.c / before.c)
    const range = (row.h - row.l) / row.o
    const body = (row.c - row.o) / row.o
    const volume = Math.log1p(row.v)
    const delta = before === undefined ? NaN : volume - Math.log1p(before.v)
    const sign = Number.isNaN(logReturn) ? NaN : logReturn > 0 ? 1 : logReturn < 0 ? -1 : 0
    all.push(
      [`close_logret${tail}`, logReturn],
      [`high_low_range_pct${tail}`, range],
      [`close_open_pct${tail}`, body],
      [`log_volume${inner}`, volume],
      [`log_volume_delta${tail}`, delta],
      [`sign_close_logret${tail}`, sign],
      [`close_logret${tail}_x_log_volume${inner}`, logReturn * volume],
      [`close_logret${tail}_x_log_volume_delta${tail}`, logReturn * delta],
      [`sign_close_logret${tail}_x_log_volume${inner}`, sign * volume],
      [`high_low_range_pct${tail}_x_log_volume${inner}`, range * volume],
      [`close_open_pct${tail}_x_log_volume${inner}`, body * volume],
    )
  }
  return all
}
