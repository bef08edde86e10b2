import { parseFeatureInfo, type FeatureInfo } from './feature-info.js'
import { lines, type Line } from './lines.js'
import { ModelFormatError } from './model-format-error.js'
import { parseObjective, type Objective } from './objective.js'

/** What a model file says before its trees. */
export interface Header {
  readonly featureNames: readonly string[]
  readonly featureInfos: readonly FeatureInfo[]
  readonly treesPerIteration: number
  readonly objective: string
  readonly transform: Objective
  /** Random forests: predictions are averages over the iterations. */
  readonly averageOutput: boolean
  /** Bytes of each tree there must be; undefined when the file does not say. The sizes themselves may be wrong. */
  readonly treeSizes: readonly number[] | undefined
  /** Where the trees start, in bytes and as a line from 1. */
  readonly treesStart: number
  readonly treesLine: number
}

const versions = ['v2', 'v3', 'v4']
const keys = [
  'version',
  'num_class',
  'num_tree_per_iteration',
  'max_feature_idx',
  'feature_names',
  'feature_infos',
  'objective',
  'average_output',
  'tree_sizes',
]
const MOST_CLASSES = 1 << 16
const MOST_FEATURES = 1 << 24

/** Reads the lines up to the first tree. Throws ModelFormatError. */
export function parseHeader(bytes: Uint8Array): Header {
  if (bytes.length === 0) throw notAModel()
  const found = new Map<string, Line>()
  let last = 1
  let treesStart = bytes.length
  for (const line of lines(bytes, 0, 1)) {
    last = line.number
    if (line.number === 1) requireTree(line)
    else if (line.startsWith('Tree=') || line.startsWith('end of trees')) {
      treesStart = line.start
      break
    } else {
      refuseThirdPart(bytes, line)
      const key = keys.find((each) => line.startsWith(`${each}=`) || (each === 'average_output' && line.startsWith(each)))
      if (key !== undefined) found.set(key, line)
    }
  }
  const value = (key: string): string | undefined =>
    found
      .get(key)
      ?.text()
      .slice(key.length + 1)
  const required = (key: string): string => {
    const text = value(key)
    if (text === undefined) throw new ModelFormatError('missing-field', last, `expected ${key} before the first tree`)
    return text
  }
  const lineOf = (key: string): number => found.get(key)?.number ?? last

  const version = value('version')
  if (version === undefined || !versions.includes(version)) {
    throw new ModelFormatError('unsupported-version', lineOf('version'), `expected version=v2, v3 or v4, found ${version ?? 'none'}`)
  }
  const numClass = wholeNumber(required('num_class'), 'num_class', lineOf('num_class'), 1)
  const perIteration = value('num_tree_per_iteration')
  const treesPerIteration =
    perIteration === undefined ? numClass : wholeNumber(perIteration, 'num_tree_per_iteration', lineOf('num_tree_per_iteration'), 1)
  if (treesPerIteration !== numClass) {
    throw new ModelFormatError(
      'wrong-count',
      lineOf('num_tree_per_iteration'),
      `expected num_tree_per_iteration=${numClass} as num_class says`,
    )
  }
  if (numClass > MOST_CLASSES)
    throw new ModelFormatError('too-large', lineOf('num_class'), `expected at most ${MOST_CLASSES} classes, found ${numClass}`)
  const numFeatures = wholeNumber(required('max_feature_idx'), 'max_feature_idx', lineOf('max_feature_idx'), 0) + 1
  if (numFeatures > MOST_FEATURES) {
    throw new ModelFormatError('too-large', lineOf('max_feature_idx'), `expected at most ${MOST_FEATURES} features, found ${numFeatures}`)
  }
  const objective = value('objective') ?? ''
  const sizes = value('tree_sizes')
  const treeSizes = sizes === undefined ? undefined : words(sizes).map(Number)
  if (treeSizes !== undefined && treeSizes.length % treesPerIteration !== 0) {
    throw new ModelFormatError(
      'wrong-count',
      lineOf('tree_sizes'),
      `expected ${treesPerIteration} trees per iteration, found ${treeSizes.length} trees`,
    )
  }
  return {
    featureNames: list(required('feature_names'), 'feature_names', lineOf('feature_names'), numFeatures),
    featureInfos: list(required('feature_infos'), 'feature_infos', lineOf('feature_infos'), numFeatures).map((text, i) => {
      const info = parseFeatureInfo(text)
      if (info === undefined) {
        throw new ModelFormatError(
          'bad-number',
          lineOf('feature_infos'),
          `expected [min:max], a:b:c or none as value ${i + 1} of feature_infos`,
        )
      }
      return info
    }),
    treesPerIteration,
    objective,
    transform: objectiveOf(objective, lineOf('objective'), treesPerIteration),
    averageOutput: found.has('average_output'),
    treeSizes,
    treesStart,
    treesLine: last,
  }
}

const EQUALS = 61
const NEWLINE = 10
const RETURN = 13

/** LightGBM takes such lines apart at their `=`, and refuses what has more than a name and a value; names of features may have it. */
function refuseThirdPart(bytes: Uint8Array, line: Line): void {
  if (line.startsWith('feature_names=')) return
  let end = line.next
  while (end > line.start && (bytes[end - 1] === NEWLINE || bytes[end - 1] === RETURN)) end--
  let parts = 0
  for (let at = line.start; at < end;) {
    const sign = bytes.indexOf(EQUALS, at)
    const partEnd = sign < 0 || sign > end ? end : sign
    if (partEnd > at && ++parts > 2)
      throw new ModelFormatError('unexpected-line', line.number, `expected a name and a value, found ${line.text().slice(0, 100)}`)
    at = partEnd + 1
  }
}

function requireTree(line: Line): void {
  if (!line.startsWith('tree') || line.text() !== 'tree') {
    throw notAModel()
  }
}

function notAModel(): ModelFormatError {
  return new ModelFormatError('not-a-model', 1, 'expected the word "tree", with which every LightGBM text model begins')
}

function objectiveOf(text: string, line: number, classes: number): Objective {
  const objective = parseObjective(text === '' ? 'custom' : text)
  if (objective === undefined)
    throw new ModelFormatError('unknown-objective', line, `expected an objective of LightGBM, found ${text.slice(0, 100)}`)
  if (objective.numClass !== undefined && objective.numClass !== classes) {
    throw new ModelFormatError(
      'wrong-count',
      line,
      `expected num_class:${classes} in the objective as num_class says, found ${objective.numClass}`,
    )
  }
  return objective
}

function wholeNumber(text: string, key: string, line: number, least: number): number {
  const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : NaN
  if (!(value >= least && value <= 0x7fffffff)) {
    throw new ModelFormatError(
      Number.isNaN(value) ? 'bad-number' : 'out-of-range',
      line,
      `expected a whole number from ${least} on in ${key}`,
    )
  }
  return value
}

function list(text: string, key: string, line: number, size: number): string[] {
  const values = words(text)
  if (values.length !== size) {
    throw new ModelFormatError('wrong-count', line, `expected ${size} values in ${key} as max_feature_idx says, found ${values.length}`)
  }
  return values
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '')
}
