import type { Direction } from './crypto-bot-levels.js'

/** A prediction as a signal needs it. */
export interface Predicted {
  readonly yPred: Float64Array
  readonly output: string
  /** Names of the classes, where the model states them. */
  readonly classes: readonly string[] | undefined
  /** Bounds between classes; empty when the model has none. */
  readonly thresholds: Float64Array
}

export interface Choice {
  readonly long_above?: number | undefined
  readonly short_below?: number | undefined
  readonly min_confidence?: number | undefined
}

export interface Directed {
  readonly direction: Direction
  /** 0 … 100: the probability of what was chosen; null where the model gives none. */
  readonly confidence: number | null
  /** What decided, snake_case JSON. */
  readonly inputs: Readonly<Record<string, unknown>>
}

/**
 * LONG, SHORT or NO_TRADE. Classes: the most probable one (the first of equals), by its name, or by the bounds between classes. A probability: above
 * `long_above` (0.55) or below `short_below` (0.45). A return: above 1e-6 or below −1e-6. Less confidence than `min_confidence`, or none, is NO_TRADE.
 * @returns a sentence when the prediction gives no direction
 */
export function directionOf(predicted: Predicted, choice: Choice): Directed | string {
  const { yPred, output } = predicted
  if (!yPred.every(Number.isFinite)) return 'the prediction is not finite'
  const directed = output === 'class_probabilities' ? byClass(predicted) : byValue(yPred, output, choice)
  if (typeof directed === 'string' || choice.min_confidence === undefined) return directed
  const inputs = { ...directed.inputs, min_confidence: choice.min_confidence }
  const isSure = directed.confidence !== null && directed.confidence >= choice.min_confidence
  return isSure ? { ...directed, inputs } : { ...directed, direction: 'NO_TRADE', inputs }
}

function byClass({ yPred, classes, thresholds }: Predicted): Directed | string {
  let best = 0
  for (let k = 1; k < yPred.length; k++) if (yPred[k]! > yPred[best]!) best = k
  const name = classes?.[best]
  const direction = directions[name?.toLowerCase() ?? ''] ?? byBounds(best, thresholds)
  if (direction === undefined) return `class ${name ?? best} names no direction, and there are no bounds between classes`
  return { direction, confidence: yPred[best]! * 100, inputs: { class: name ?? best, probability: yPred[best]! } }
}

const directions: Readonly<Record<string, Direction>> = {
  long: 'LONG',
  up: 'LONG',
  buy: 'LONG',
  short: 'SHORT',
  down: 'SHORT',
  sell: 'SHORT',
  no_trade: 'NO_TRADE',
  flat: 'NO_TRADE',
  neutral: 'NO_TRADE',
  hold: 'NO_TRADE',
}

function byBounds(k: number, thresholds: Float64Array): Direction | undefined {
  if (thresholds.length === 0) return undefined
  if (k > 0 && thresholds[k - 1]! >= 0) return 'LONG'
  return k < thresholds.length && thresholds[k]! <= 0 ? 'SHORT' : 'NO_TRADE'
}

function byValue(yPred: Float64Array, output: string, choice: Choice): Directed | string {
  if (yPred.length !== 1) return `a prediction of ${yPred.length} numbers gives no direction`
  const value = yPred[0]!
  const isProbability = output === 'probability_up'
  const longAbove = choice.long_above ?? (isProbability ? 0.55 : 1e-6)
  const shortBelow = choice.short_below ?? (isProbability ? 0.45 : -1e-6)
  const direction = value > longAbove ? 'LONG' : value < shortBelow ? 'SHORT' : 'NO_TRADE'
  return {
    direction,
    confidence: isProbability ? Math.max(value, 1 - value) * 100 : null,
    inputs: { value, long_above: longAbove, short_below: shortBelow },
  }
}
