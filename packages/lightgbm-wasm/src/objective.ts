import { legacyNumber } from './legacy-number.js'

/** What an objective means for predictions. */
export interface Objective {
  /** Number as in assembly/transform.ts. */
  readonly transform: number
  readonly parameter: number
  /** Scores per row that the objective names; undefined where it names none. */
  readonly numClass: number | undefined
  /** LightGBM ignores prediction early stop for all other objectives. */
  readonly mayStopEarly: boolean
}

const none: Objective = { transform: 0, parameter: 0, numClass: undefined, mayStopEarly: false }
const sigmoid = (parameter: number): Objective => ({ ...none, transform: 1, parameter })
const exponential: Objective = { ...none, transform: 4 }

/**
 * Reads the `objective` line: a name, then words such as `sigmoid:1`, `num_class:3`, `sqrt`. Undefined for an unknown name or a missing or
 * senseless parameter, which LightGBM refuses too.
 */
export function parseObjective(text: string): Objective | undefined {
  const words = (aliases[text] ?? text).split(' ').filter((word) => word !== '')
  const parameter = (name: string): number | undefined => {
    const word = words.findLast((each) => each.split(':').length === 2 && each.startsWith(`${name}:`))
    return word === undefined ? undefined : legacyNumber(word.slice(name.length + 1))
  }
  switch (words[0] ?? '') {
    case 'regression':
    case 'regression_l1':
    case 'quantile':
    case 'fair':
    case 'mape':
      return words.includes('sqrt') ? { ...none, transform: 5 } : none
    case 'huber':
    case 'custom':
      return none
    case 'lambdarank':
    case 'rank_xendcg':
      return { ...none, mayStopEarly: true }
    case 'poisson':
    case 'gamma':
    case 'tweedie':
      return exponential
    case 'cross_entropy':
      return sigmoid(1)
    case 'cross_entropy_lambda':
      return { ...none, transform: 6 }
    case 'binary': {
      const slope = parameter('sigmoid')
      return slope !== undefined && slope > 0 ? { ...sigmoid(slope), mayStopEarly: true } : undefined
    }
    case 'multiclass': {
      const numClass = parameter('num_class')
      return numClass === undefined ? undefined : { ...none, transform: 3, numClass, mayStopEarly: true }
    }
    case 'multiclassova': {
      const numClass = parameter('num_class')
      const slope = parameter('sigmoid')
      if (numClass === undefined || slope === undefined || !(slope > 0)) return undefined
      return { ...none, transform: 2, parameter: slope, numClass, mayStopEarly: true }
    }
    default:
      return undefined
  }
}

/** LightGBM's `ParseObjectiveAlias`: other names, when the line holds nothing else. */
const aliases: Readonly<Record<string, string>> = {
  __proto__: null as never,
  regression_l2: 'regression',
  mean_squared_error: 'regression',
  mse: 'regression',
  l2: 'regression',
  l2_root: 'regression',
  root_mean_squared_error: 'regression',
  rmse: 'regression',
  mean_absolute_error: 'regression_l1',
  l1: 'regression_l1',
  mae: 'regression_l1',
  softmax: 'multiclass',
  multiclass_ova: 'multiclassova',
  ova: 'multiclassova',
  ovr: 'multiclassova',
  xentropy: 'cross_entropy',
  xentlambda: 'cross_entropy_lambda',
  mean_absolute_percentage_error: 'mape',
  xendcg: 'rank_xendcg',
  xe_ndcg: 'rank_xendcg',
  xe_ndcg_mart: 'rank_xendcg',
  xendcg_mart: 'rank_xendcg',
  none: 'custom',
  null: 'custom',
  na: 'custom',
}
