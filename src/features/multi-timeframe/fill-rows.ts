import type { Frame } from '../../candles/frame.js'
import type { Lookback } from './lookback.js'

const hourMs = 3_600_000

/** Copies the last `rows` of the hourly bars that end at `lastBar`. */
export function fillHourly(lookback: Lookback, frame: Frame, lastBar: number, rows: number): void {
  const { open, high, low, close, volume } = frame
  const first = lastBar - rows + 1
  for (let row = 0, i = first; row < rows; row++, i++) {
    lookback.open[row] = open[i]!
    lookback.high[row] = high[i]!
    lookback.low[row] = low[i]!
    lookback.close[row] = close[i]!
    lookback.volume[row] = volume[i]!
  }
  lookback.nBars = rows
  lookback.labelMs = frame.openTimeMs[lastBar]!
}

/**
 * Resamples the hourly bars `firstBar … lastBar` to bins of `hours` and keeps the last `rows` of them. Stamps are open times, bins are
 * closed and labelled on the right: the bin labelled 08:00 of 4 hours holds the bars that open at 05:00 … 08:00. A trailing bin
 * whose label lies after the last bar is dropped, a first bin that the window cuts is kept. Volumes are added with Kahan's
 * compensation in time order (pandas' resample). A bin without bars is a row of NaN with volume 0; windows too short for a bin
 * leave no rows.
 */
export function fillResampled(lookback: Lookback, frame: Frame, firstBar: number, lastBar: number, hours: number, rows: number): void {
  const { openTimeMs, open, high, low, close, volume } = frame
  const stepMs = hours * hourMs
  const lastLabel = Math.floor(openTimeMs[lastBar]! / stepMs) * stepMs
  const firstLabel = Math.max(Math.ceil(openTimeMs[firstBar]! / stepMs) * stepMs, lastLabel - (rows - 1) * stepMs)
  lookback.labelMs = lastLabel
  let i = firstBar
  while (i <= lastBar && openTimeMs[i]! <= firstLabel - stepMs) i++
  let row = 0
  for (let label = firstLabel; label <= lastLabel; label += stepMs, row++) {
    const empty = i > lastBar || openTimeMs[i]! > label
    let top = empty ? Number.NaN : high[i]!
    let bottom = empty ? Number.NaN : low[i]!
    let total = 0
    let compensation = 0
    lookback.open[row] = empty ? Number.NaN : open[i]!
    for (; i <= lastBar && openTimeMs[i]! <= label; i++) {
      if (high[i]! > top) top = high[i]!
      if (low[i]! < bottom) bottom = low[i]!
      const y = volume[i]! - compensation
      const sum = total + y
      compensation = sum - total - y
      total = sum
    }
    lookback.high[row] = top
    lookback.low[row] = bottom
    lookback.close[row] = empty ? Number.NaN : close[i - 1]!
    lookback.volume[row] = total
  }
  lookback.nBars = row
}
