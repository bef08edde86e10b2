import { predictionsCatalogue } from './read-ensemble.js'
import type { Ensemble } from '../ensemble-rule.js'
import type { Manifest } from '../model.js'
import { Refused } from '../refused.js'
import { whyNoSignal } from '../signal-rule.js'

/** A member and what it says of itself. */
export interface KnownMember {
  readonly name: string
  readonly manifest: Manifest
}

/**
 * The whole manifest of an ensemble: what it states, and for the rest what its members agree on.
 * @param members at least one
 * @throws Refused `bad-manifest` when they do not agree, or are not what the rule is for
 */
export function agree(manifest: Manifest, ensemble: Ensemble, members: readonly KnownMember[]): Manifest {
  const { rule } = ensemble
  const timeframe = same(members, 'timeframe', ({ timeframe }) => timeframe)
  const symbol = agreedSymbol(members)
  const meaning = meaningOf(ensemble, members)
  const windows = members.map(({ manifest: { features } }) => features.baseBars + features.bufferBars)
  const baseBars = rule.rule === 'fallback' ? Math.min(...windows) : Math.max(...windows)
  const agreed: Manifest = {
    ...manifest,
    ...meaning,
    symbol: symbol ?? manifest.symbol,
    timeframe,
    features: { catalogue: predictionsCatalogue, baseBars, bufferBars: 0 },
  }
  requireStated(ensemble.stated, agreed)
  const unconfident = whyNoSignal(agreed.signal, agreed.output)
  if (unconfident !== undefined) throw refusal(`/signal/min_confidence: ${unconfident}`)
  return agreed
}

type Meaning = Pick<Manifest, 'output' | 'quantile' | 'classes' | 'thresholds' | 'horizonBars'>

function meaningOf({ rule: { rule }, stated }: Ensemble, members: readonly KnownMember[]): Meaning {
  const none = { quantile: undefined, classes: undefined, thresholds: undefined }
  if (rule === 'layer-one') return { ...none, ...layerOne(members) }
  if (rule === 'stacked') {
    const horizonBars = stated.horizonBars ?? same(members, 'horizon_bars', ({ horizonBars }) => horizonBars)
    return { ...none, output: stated.output!, horizonBars }
  }
  const output = same(members, 'output', ({ output }) => output)
  const horizonBars = same(members, 'horizon_bars', ({ horizonBars }) => horizonBars)
  switch (rule) {
    case 'mean':
    case 'fallback':
      same(members, 'classes', ({ classes }) => classes?.join(', '))
      same(members, 'thresholds', ({ thresholds }) => thresholds?.join(', '))
      return {
        output,
        horizonBars,
        quantile: same(members, 'quantile', ({ quantile }) => quantile),
        classes: members[0]!.manifest.classes,
        thresholds: members[0]!.manifest.thresholds,
      }
    case 'inverse-error': {
      if (output === 'score' || output === 'class_probabilities')
        throw refusal(`inverse-error needs members whose error can be told: log_return, return or probability_up, not ${output}`)
      const quantile = members.find(({ manifest }) => manifest.quantile !== undefined)
      if (quantile !== undefined) throw refusal(`member ${quantile.name} predicts a quantile, whose distance to what came is no error`)
      return { ...none, output, horizonBars }
    }
    case 'blend':
    case 'rank':
      if (output === 'class_probabilities') throw refusal(`${rule} needs members of one output, not class_probabilities`)
      return { ...none, output: 'score', horizonBars }
    case 'quantiles':
      requireQuantiles(members)
      return { ...none, output, horizonBars }
  }
}

/** One tree: its horizon, a log return. Several: a list of log returns, which nothing settles as one. */
function layerOne([sequence, ...trees]: readonly KnownMember[]): Pick<Manifest, 'output' | 'horizonBars'> {
  if (sequence!.manifest.output !== 'score' && sequence!.manifest.output !== 'log_return')
    throw refusal(
      `the first member, ${sequence!.name}, is to be the sequence model (score or log_return), not ${sequence!.manifest.output}`,
    )
  const other = trees.find(({ manifest }) => manifest.output !== 'log_return')
  if (other !== undefined) throw refusal(`member ${other.name} predicts ${other.manifest.output}, layer-one combines log returns`)
  const horizons = trees.map(({ manifest }) => manifest.horizonBars)
  if (new Set(horizons).size !== horizons.length) throw refusal(`two members have one horizon: ${horizons.join(', ')} bars`)
  return { output: trees.length === 1 ? 'log_return' : 'score', horizonBars: Math.max(...horizons) }
}

function requireQuantiles(members: readonly KnownMember[]): void {
  const plain = members.find(({ manifest }) => manifest.quantile === undefined)
  if (plain !== undefined) throw refusal(`member ${plain.name} states no quantile`)
  const quantiles = members.map(({ manifest }) => manifest.quantile)
  if (new Set(quantiles).size !== quantiles.length) throw refusal(`two members predict one quantile: ${quantiles.join(', ')}`)
}

/** Members for any symbol have no say in it. */
function agreedSymbol(members: readonly KnownMember[]): string | undefined {
  const bound = members.filter(({ manifest }) => manifest.symbol !== undefined)
  return bound.length === 0 ? undefined : same(bound, 'symbol', ({ symbol }) => symbol)
}

function same<Value extends string | number | undefined>(
  members: readonly KnownMember[],
  field: string,
  valueOf: (manifest: Manifest) => Value,
): Value {
  const [first] = members
  const value = valueOf(first!.manifest)
  const other = members.find(({ manifest }) => valueOf(manifest) !== value)
  if (other === undefined) return value
  const shown = (each: string | number | undefined) => (each === undefined ? 'none' : String(each))
  throw refusal(
    `the members do not agree on ${field}: ${first!.name} has ${shown(value)}, ${other.name} has ${shown(valueOf(other.manifest))}`,
  )
}

function requireStated(stated: Ensemble['stated'], agreed: Manifest): void {
  const pairs = [
    ['symbol', stated.symbol, agreed.symbol],
    ['timeframe', stated.timeframe, agreed.timeframe],
    ['output', stated.output, agreed.output],
    ['horizon_bars', stated.horizonBars, agreed.horizonBars],
  ] as const
  for (const [field, states, is] of pairs) {
    if (states !== undefined && states !== is) throw refusal(`${field} ${states} is stated, and the ensemble of these members has ${is}`)
  }
}

function refusal(detail: string): Refused {
  return new Refused('bad-manifest', `model.json: ${detail}`)
}
