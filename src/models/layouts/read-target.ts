import { durationMs, type Timeframe } from '../../candles/timeframe.js'
import type { Output } from '../model.js'

export interface Target {
  readonly output: Output
  /** Undefined: the name does not say, or not in whole bars. */
  readonly horizonBars: number | undefined
}

const unitsMs: Readonly<Record<string, number>> = { min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * What a target's name says, such as `y_logret_168h`, `y_ret_24b` or `fwd_ret_60m`: what is predicted and how far ahead.
 * @param dayMs length of the day that `1d` means: 390 minutes for systems that count trading days
 */
export function readTarget(name: string, timeframe: Timeframe, dayMs = unitsMs.d!): Target {
  const [, count, unit = ''] = /(?:^|_)(\d{1,6})(b|bars?|min|m|h|d)$/.exec(name.toLowerCase()) ?? []
  return {
    output: outputOf(name.toLowerCase()),
    horizonBars: count === undefined ? undefined : barsOf(Number(count), unit, timeframe, dayMs),
  }
}

function outputOf(name: string): Output {
  if (/logret|log_ret/.test(name)) return 'log_return'
  if (/(^|_)ret(urn)?(_|$)/.test(name)) return 'return'
  if (/(^|_)(up|direction)(_|$)/.test(name)) return 'probability_up'
  return 'score'
}

function barsOf(count: number, unit: string, timeframe: Timeframe, dayMs: number): number | undefined {
  if (unit.startsWith('b')) return count
  const bars = (count * (unit === 'd' ? dayMs : unitsMs[unit]!)) / durationMs(timeframe)
  return Number.isInteger(bars) && bars >= 1 ? bars : undefined
}
