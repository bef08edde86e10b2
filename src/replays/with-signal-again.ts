import { type SignalRule, signalSchema } from '../models/signal-rule.js'
import type { ServedModel } from '../models/model.js'
import { type BarOfFrame, withSignal } from '../predictions/with-signal.js'
import type { NewPrediction, StoredPrediction } from '../store/store.js'

/**
 * What was derived again, with its signal where the stored prediction has one: by the rule and the options that the stored signal itself names, because the
 * manifest may name others by now.
 * @param candles the window that the prediction was made from; undefined: it was made from features
 */
export function withSignalAgain(
  stored: StoredPrediction,
  model: ServedModel,
  made: NewPrediction,
  candles: BarOfFrame | undefined,
): NewPrediction {
  if (!hasSignal(stored)) return made
  const { signal } = JSON.parse(stored.details!) as { signal: unknown }
  // Why a prediction has no signal does not depend on the rule.
  return withSignal(model, made, candles, ruleOf(signal) ?? model.manifest.signal ?? { rule: 'crypto-bot' })
}

/** Whether the details of a prediction say that it has a signal, or why it has none. */
export function hasSignal({ details }: StoredPrediction): boolean {
  return details !== null && Object.hasOwn(JSON.parse(details) as object, 'signal')
}

/** The rule that made a signal; undefined when it does not say one. */
function ruleOf(signal: unknown): SignalRule | undefined {
  const { rule, inputs } = (signal ?? {}) as { rule?: unknown; inputs?: Readonly<Record<string, unknown>> }
  const { long_above, short_below, min_confidence, atr_bars, stop_ranges, take_profit_ranges: take_profits, valid_bars } = inputs ?? {}
  const choice = { long_above, short_below, min_confidence }
  const levels = rule === 'range' ? { atr_bars, stop_ranges, take_profits, valid_bars } : {}
  return signalSchema.safeParse({ rule, ...choice, ...levels }).data
}
