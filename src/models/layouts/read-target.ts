import { durationMs, type Timeframe } from '../../candles/timeframe.js'
import type { Output } from '../model.js'

export interface Target {
  readonly output: Output
  /** Undefined: the name does not say, or not in whole bars. */
  readonly horizonBars: number | undefined
}

const unitsMs: Readonly<Record<string, number>> = { min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * What a target's name says, such as `y_logret_168h`, `y_ret_24b`, `fwd_ret_60m` or `will_peak_60m_0.8`: what is predicted and how far ahead. A span
 * at the end of the name is the horizon; without one, the only span inside it.
 * @param dayMs length of the day that `1d` means: 390 minutes for systems that count trading days
 */
export function readTarget(name: string, timeframe: Timeframe, dayMs = unitsMs.d!): Target {
  const span = spanOf(name.toLowerCase())
  return {
    output: outputOf(name.toLowerCase()),
    horizonBars: span && barsOf(span.count, span.unit, timeframe, dayMs),
  }
}

/** `60m` of a name; undefined when it has none, or several and none at its end. */
function spanOf(name: string): { readonly count: number; readonly unit: string } | undefined {
  const spans = name.split('_').map((part) => /^(\d{1,6})(b|bars?|min|m|h|d)$/.exec(part))
  const inside = spans.filter((span) => span !== null)
  const [, count, unit] = spans.at(-1) ?? (inside.length === 1 ? inside[0] : undefined) ?? []
  return count === undefined || unit === undefined ? undefined : { count: Number(count), unit }
}

function outputOf(name: string): Output {
  if (/logret|log_ret/.test(name)) return 'log_return'
  if (/(^|_)ret(urn)?(_|$)/.test(name)) return 'return'
  if (/(^|_)(up|direction)(_|$)/.test(name)) return 'probability_up'
  return 'score'
}

function barsOf(count: number, unit: string, timeframe: Timeframe, dayMs: number): number | undefined {
  if (unit.startsWith('b')) return count >= 1 ? count : undefined
  // Of daily candles every day is one, however long trade goes on.
  if (unit === 'd' && timeframe === '1d') return count >= 1 ? count : undefined
  const bars = (count * (unit === 'd' ? dayMs : unitsMs[unit]!)) / durationMs(timeframe)
  return Number.isInteger(bars) && bars >= 1 ? bars : undefined
}
