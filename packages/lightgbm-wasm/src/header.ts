import type { Breather } from './breather.js'
import { decodeText, loneReturn } from './decode-text.js'
import { parseFeatureInfo, type FeatureInfo } from './feature-info.js'
import { lines, startsWith, type Line } from './lines.js'
import { ModelFormatError } from './model-format-error.js'
import { parseObjective, type Objective } from './objective.js'
import { parseTreeSizes } from './tree-sizes.js'
import { words } from './words.js'

/** What a model file says before its trees. */
export interface Header {
  readonly featureNames: readonly string[]
  readonly featureInfos: readonly FeatureInfo[]
  readonly treesPerIteration: number
  readonly objective: string
  readonly transform: Objective
  /** Random forests: predictions are averages over the iterations. */
  readonly averageOutput: boolean
  /** How many trees there must be; undefined when the file does not say. */
  readonly treeCount: number | undefined
  /** Bytes of each tree, which may be wrong; empty when the file does not say. */
  readonly treeSizes: Float64Array
  /** Where the trees start, in bytes and as a line from 1. */
  readonly treesStart: number
  readonly treesLine: number
}

const versions = ['v2', 'v3', 'v4']
/** Keys by what their lines begin with; of a key that stands there twice, the last one counts. */
const prefixes: ReadonlyMap<string, string> = new Map([
  ['version=', 'version'],
  ['num_class=', 'num_class'],
  ['num_tree_per_iteration=', 'num_tree_per_iteration'],
  ['max_feature_idx=', 'max_feature_idx'],
  ['feature_names=', 'feature_names'],
  ['feature_infos=', 'feature_infos'],
  ['objective=', 'objective'],
  ['average_output', 'average_output'],
  ['tree_sizes=', 'tree_sizes'],
])
const MOST_CLASSES = 1 << 16
const MOST_FEATURES = 1 << 24
/** Bytes of a value that is no list. */
const LONGEST_VALUE = 1 << 16

/** Reads the lines up to the first tree; pauses where they are many or long. Throws ModelFormatError. */
export async function parseHeader(bytes: Uint8Array, pause: Breather): Promise<Header> {
  const { found, last, treesStart } = await findLines(bytes, pause)
  const value = (key: string): string | undefined => {
    const line = found.get(key)
    return line && decodeText(bytes, line.start + key.length + 1, line.end, line.number, LONGEST_VALUE)
  }
  const lineOf = (key: string): number => found.get(key)?.number ?? last
  const missing = (key: string) => new ModelFormatError('missing-field', last, `expected ${key} before the first tree`)
  const required = (key: string): string => {
    const text = value(key)
    if (text === undefined) throw missing(key)
    return text
  }

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
  const sizesLine = found.get('tree_sizes')
  const trees = sizesLine && (await parseTreeSizes(bytes, sizesLine.start + 'tree_sizes='.length, sizesLine.end, sizesLine.number, pause))
  if (trees !== undefined && trees.count % treesPerIteration !== 0) {
    throw new ModelFormatError(
      'wrong-count',
      lineOf('tree_sizes'),
      `expected ${treesPerIteration} trees per iteration, found ${trees.count} trees`,
    )
  }
  return {
    featureNames: await list('feature_names', (word) => word),
    featureInfos: await list('feature_infos', (word, i) => {
      const info = parseFeatureInfo(word)
      if (info !== undefined) return info
      throw new ModelFormatError(
        'bad-number',
        lineOf('feature_infos'),
        `expected [min:max], a:b:c or none as value ${i + 1} of feature_infos`,
      )
    }),
    treesPerIteration,
    objective,
    transform: objectiveOf(objective, lineOf('objective'), treesPerIteration),
    averageOutput: found.has('average_output'),
    treeCount: trees?.count,
    treeSizes: trees?.sizes ?? new Float64Array(0),
    treesStart,
    treesLine: last,
  }

  async function list<T>(key: string, read: (word: string, i: number) => T): Promise<T[]> {
    const line = found.get(key)
    if (line === undefined) throw missing(key)
    const values: T[] = []
    for (const piece of words(bytes, line.start + key.length + 1, line.end, line.number)) {
      for (const word of piece) values.push(read(word, values.length))
      if (values.length > numFeatures) break
      if (pause.due()) await pause.breathe()
    }
    if (values.length === numFeatures) return values
    const all = `${values.length}${values.length > numFeatures ? ' or more' : ''}`
    throw new ModelFormatError('wrong-count', line.number, `expected ${numFeatures} values in ${key} as max_feature_idx says, found ${all}`)
  }
}

interface Found {
  readonly found: ReadonlyMap<string, Line>
  /** Number of the line that the trees start on, or of the last one. */
  readonly last: number
  readonly treesStart: number
}

async function findLines(bytes: Uint8Array, pause: Breather): Promise<Found> {
  requireTree(bytes)
  const found = new Map<string, Line>()
  let last = 1
  for (const line of lines(bytes, 0, 1)) {
    if (line === undefined) {
      if (pause.due()) await pause.breathe()
      continue
    }
    last = line.number
    if (startsWith(bytes, line, 'Tree=') || startsWith(bytes, line, 'end of trees')) return { found, last, treesStart: line.start }
    if (!startsWith(bytes, line, 'feature_names=')) {
      let ends = 0
      for (let at = line.start; at < line.end; at += STEP) {
        ends = partEnds(bytes, at, Math.min(at + STEP, line.end), ends)
        if (ends > SECOND_PART) throw thirdPart(bytes, line)
        if (line.end - at > STEP && pause.due()) await pause.breathe()
      }
    }
    for (const [prefix, key] of prefixes) if (startsWith(bytes, line, prefix)) found.set(key, line)
  }
  return { found, last, treesStart: bytes.length }
}

const EQUALS = 61
const RETURN = 13
/** Bytes between two looks at the clock. */
const STEP = 1 << 16
const SECOND_PART = 4

/**
 * Starts and ends of the parts between signs of equality, counted on from `ends`; odd within a part. LightGBM takes lines apart so, and
 * refuses what has more than a name and a value; names of features may have it.
 */
function partEnds(bytes: Uint8Array, from: number, to: number, ends: number): number {
  for (let at = from; at < to; at++) if ((bytes[at] === EQUALS) === ((ends & 1) === 1)) ends++
  return ends
}

function thirdPart(bytes: Uint8Array, { start, end, number }: Line): ModelFormatError {
  const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 100)))
  return new ModelFormatError('unexpected-line', number, `expected a name and a value, found ${text}`)
}

function requireTree(bytes: Uint8Array): void {
  const [first] = lines(bytes.subarray(0, 'tree\r\n'.length), 0, 1)
  if (!first || first.number !== 1 || !startsWith(bytes, first, 'tree')) throw notAModel()
  if (first.end === 'tree'.length) return
  throw bytes[4] === RETURN ? loneReturn(1) : notAModel()
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
