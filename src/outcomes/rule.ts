import type { Output } from '../models/model.js'
import type { Settleable } from '../store/outcome-store.js'

export type RuleKind = 'return' | 'quantile' | 'probability' | 'classes'

export interface Rule {
  /** As it stands in the outcome: what is compared with what. */
  readonly name: string
  readonly kind: RuleKind
  /** True: the realised value is C[t+h]/C[t] − 1; false: the log return. */
  readonly isSimpleReturn: boolean
  /** Why predictions of this kind have no outcome; undefined: they have. */
  readonly settlesNothing: string | undefined
}

/** The rule that settles what a model of this output predicts. */
export function ruleOf(meaning: Pick<Settleable, 'output' | 'quantile' | 'thresholds' | 'yPred'>): Rule {
  const { output, quantile, thresholds, yPred } = meaning
  const isSimpleReturn = output === 'return'
  const target = isSimpleReturn ? 'return: C[t+h] / C[t] - 1' : 'log_return: ln C[t+h] - ln C[t]'
  const event = 'r = ln C[t+h] - ln C[t]'
  switch (output as Output) {
    case 'log_return':
    case 'return':
      return quantile === null
        ? { name: target, kind: 'return', isSimpleReturn, settlesNothing: undefined }
        : { name: `${target}, quantile ${quantile}`, kind: 'quantile', isSimpleReturn, settlesNothing: undefined }
    case 'probability_up':
      return { name: `probability_up: r > 0, ${event}`, kind: 'probability', isSimpleReturn, settlesNothing: undefined }
    case 'class_probabilities':
      return {
        name: `class_probabilities: class k holds r, ${event}`,
        kind: 'classes',
        isSimpleReturn,
        settlesNothing: whyNoClasses(thresholds.length, yPred.length),
      }
    case 'score':
      return { name: 'score: none', kind: 'return', isSimpleReturn, settlesNothing: 'a score names nothing that candles could tell' }
  }
}

function whyNoClasses(nThresholds: number, nClasses: number): string | undefined {
  if (nThresholds === 0) return 'the model states no thresholds between its classes'
  if (nThresholds !== nClasses - 1) return `${nClasses} classes need ${nClasses - 1} thresholds, and the model states ${nThresholds}`
  return undefined
}
