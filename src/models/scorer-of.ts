/** Who computed a prediction, and in what. */
export interface ScorerFacts {
  /** The program, such as `lightgbm-wasm` or `onnxruntime-node`. */
  readonly name: string
  readonly version: string
  /** How the model is written, as manifests name it; null: written by a version of barcast that knew other scorers. */
  readonly family: string | null
  /** What its inputs and sums are; of an ensemble the coarsest among its members. Null with `family`. */
  readonly precision: Precision | null
}

export type Precision = 'float64' | 'float32'

type Known = Pick<ScorerFacts, 'family' | 'precision'>

const unknown: Known = { family: null, precision: null }

const knownScorers: ReadonlyMap<string, Known> = new Map<string, Known>([
  ['lightgbm-wasm', { family: 'lightgbm', precision: 'float64' }],
  ['barcast-xgboost', { family: 'xgboost', precision: 'float32' }],
  ['onnxruntime-node', { family: 'onnx', precision: 'float32' }],
  ['barcast-ensemble', { family: 'ensemble', precision: 'float64' }],
])

/**
 * What a scorer's label says, so that it can be told of a stored prediction whose model is gone.
 * @param label lightgbm-wasm's version alone, or a name and a version, and then the precision where it is another one than the scorer's own
 */
export function scorerOf(label: string): ScorerFacts {
  const [first = '', second, stated] = label.split(' ')
  const [name, version] = second === undefined ? ['lightgbm-wasm', first] : [first, second]
  const { family, precision } = knownScorers.get(name) ?? unknown
  return { name, version, family, precision: stated === 'float32' ? stated : precision }
}

/** The label of an ensemble's scorer, whose members are of some precision. */
export function withPrecision(label: string, precision: Precision): string {
  return scorerOf(label).precision === precision ? label : `${label} ${precision}`
}

/** What models of a family compute in; null for an ensemble, whose members decide, and for no known family. */
export function precisionOf(family: string): Precision | null {
  if (family === 'ensemble') return null
  for (const known of knownScorers.values()) if (known.family === family) return known.precision
  return null
}
