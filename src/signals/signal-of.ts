import type { Frame } from '../candles/frame.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { averageRange } from '../features/indicators/average-range.js'
import { iso } from '../iso.js'
import { cryptoBotLevels } from './crypto-bot-levels.js'
import { type Choice, directionOf, type Predicted } from './direction-of.js'
import { rangeLevels } from './range-levels.js'

/** A rule with its options, as manifests name them. */
export type Rule =
  | ({ readonly rule: 'crypto-bot' } & Choice)
  | ({
      readonly rule: 'range'
      readonly atr_bars: number
      readonly stop_ranges: number
      readonly take_profits: readonly number[]
      readonly valid_bars: number
    } & Choice)

/** The candles up to the bar that was predicted from. */
export interface SignalFrame {
  readonly frame: Frame
  /** Index of the bar. */
  readonly bar: number
  /** Index of the first bar that may be looked at. */
  readonly firstBar: number
}

/**
 * What a prediction means for somebody who trades on it, by a stated rule, with everything that the rule looked at: snake_case JSON, or a
 * sentence that says why there is no signal. Times count from the bar's close, so that the same prediction always gives the same signal.
 */
export function signalOf(
  rule: Rule,
  predicted: Predicted,
  timeframe: Timeframe,
  candles: SignalFrame | undefined,
): Readonly<Record<string, unknown>> | string {
  const directed = directionOf(predicted, rule)
  if (typeof directed === 'string') return directed
  if (candles === undefined) return 'features were sent, not candles: the price is not known'
  const { frame, bar } = candles
  const price = frame.close[bar]!
  const closeMs = frame.openTimeMs[bar]! + durationMs(timeframe)
  const head = { rule: rule.rule, direction: directed.direction, confidence: directed.confidence }
  if (rule.rule === 'crypto-bot') {
    const { entry, stop, takeProfits, validMs, etaMs } = cryptoBotLevels(directed.direction, price, timeframe)
    return {
      ...head,
      entry,
      stop_loss: stop,
      take_profits: takeProfits.map((level, k) => ({ level: k + 1, price: level, eta: iso(closeMs + etaMs) })),
      valid_until: iso(closeMs + validMs),
      inputs: { price, timeframe, ...directed.inputs },
    }
  }
  const atr = bar - candles.firstBar + 1 < rule.atr_bars ? Number.NaN : averageRange(frame, candles.firstBar, bar, rule.atr_bars)
  const { entry, stop, takeProfits } = rangeLevels(directed.direction, price, atr, rule.stop_ranges, rule.take_profits)
  return {
    ...head,
    entry,
    stop_loss: stop,
    take_profits: takeProfits.map((level, k) => ({ level: k + 1, price: level })),
    valid_until: iso(closeMs + rule.valid_bars * durationMs(timeframe)),
    inputs: {
      price,
      timeframe,
      atr: Number.isFinite(atr) ? atr : null,
      atr_bars: rule.atr_bars,
      stop_ranges: rule.stop_ranges,
      take_profit_ranges: rule.take_profits,
      valid_bars: rule.valid_bars,
      ...directed.inputs,
    },
  }
}
