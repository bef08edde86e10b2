import type { Frame } from '../candles/frame.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { iso } from '../iso.js'
import type { Series } from '../store/series.js'
import type { SentCandles } from './send-candles.js'

export interface Imported {
  readonly name: string
  readonly series: Series
  /** What was sent. */
  readonly frame: Frame
  /** Bars of the file in the range that was asked for. */
  readonly read: number
  /** Bars that came more than once, with the same values. */
  readonly doubled: number
  readonly unfinishedDropped: number
  readonly changes: SentCandles
}

/** What an import did, as lines for people. */
export function describeImport({ name, series, frame, read, doubled, unfinishedDropped, changes }: Imported): string {
  const { symbol, timeframe } = series
  const span = frame.nBars === 0 ? '' : `, ${iso(frame.openTimeMs[0]!)} to ${iso(frame.openTimeMs[frame.nBars - 1]!)}`
  const counts = [
    `new ${changes.added}`,
    `known ${changes.known}`,
    `revised ${changes.revised}`,
    `unfinished dropped ${unfinishedDropped + changes.unfinishedDropped}`,
    `doubles dropped ${doubled}`,
  ]
  return [
    `${name}: read ${read} bars of ${symbol} ${timeframe}${span}`,
    `  ${counts.join(', ')}`,
    `  ${describeGaps(frame, timeframe as Timeframe)}`,
    '',
  ].join('\n')
}

const shownGaps = 10

function describeGaps({ nBars, openTimeMs }: Frame, timeframe: Timeframe): string {
  const durMs = durationMs(timeframe)
  const gaps: string[] = []
  let missing = 0
  for (let bar = 1; bar < nBars; bar++) {
    const between = (openTimeMs[bar]! - openTimeMs[bar - 1]!) / durMs - 1
    if (between === 0) continue
    missing += between
    gaps.push(`${iso(openTimeMs[bar - 1]! + durMs)} (${between === 1 ? '1 bar' : `${between} bars`})`)
  }
  if (gaps.length === 0) return 'gaps: none'
  const more = gaps.length > shownGaps ? `, and ${gaps.length - shownGaps} more` : ''
  return `gaps: ${gaps.length}, ${missing} bars missing, from ${gaps.slice(0, shownGaps).join(', ')}${more}`
}
