import { join } from 'node:path'
import { durationMs, timeframes, type Timeframe } from '../../candles/timeframe.js'
import { channels } from '../../features/raw-sequence/catalogue.js'
import { normalisations } from '../../features/raw-sequence/normalise.js'
import { sequenceNames } from '../../features/with-history.js'
import { familyKey } from '../../family-key.js'
import type { Description } from '../description.js'
import type { Manifest } from '../model.js'
import type { ModelRules } from '../model-rules.js'
import { Refused } from '../refused.js'
import { type FamilyFolder, findFamilies } from './find-families.js'
import { findModelFile } from './find-model-file.js'
import type { FoundModel, Layout } from './layout.js'
import { manifestOf } from './manifest-of.js'
import { readOverrides, type Overrides } from './overrides.js'
import { objectOf, readJson, textOf, textsOf } from './read-json.js'
import { readTarget } from './read-target.js'
import { resolveOrder } from './resolve-order.js'
import { toModelName } from './to-model-name.js'

/** A trading day: what `1d` means in FoxML's horizons. */
const tradingDayMs = 390 * 60_000
const defaultBars = 260
const defaultSequence = 64

/** FoxML's run roots: `targets/<target>/models/view=<view>/[universe=<universe>/][symbol=<symbol>/]family=<family>/`, each with a `model_meta.json`. */
export const foxml: Layout = {
  name: 'foxml',
  async find({ name, path, folders, files }, rules) {
    if (!folders.has('targets') || files.has('model.json')) return undefined
    return (await findFamilies(path)).map((family) => foundFamily(name, family, rules))
  },
}

const known = [
  'model_meta.json',
  'barcast.json',
  'golden.jsonl',
  'model.txt',
  'model.onnx',
  'model.ubj',
  'model.json',
  'model.pkl',
  'model.joblib',
]

function foundFamily(root: string, family: FamilyFolder, rules: ModelRules): FoundModel {
  const path = join(root, family.path)
  return {
    name: toModelName(root, ...family.nameParts),
    path,
    files: known.map((file) => join(rules.root, path, file)),
    describe: () => describeFamily(root, path, family, rules),
  }
}

async function describeFamily(root: string, folder: string, family: FamilyFolder, rules: ModelRules): Promise<Description> {
  const meta = await readJson(folder, 'model_meta.json', rules)
  if (meta === undefined) throw new Refused('bad-manifest', 'model_meta.json is missing')
  const overrides = await readOverrides(folder, rules)
  const written = await findServable(root, folder, family, rules)
  const { timeframe, warnings } = timeframeOf(meta, overrides)
  const target = readTarget(family.target, timeframe, tradingDayMs)
  const isRaw = meta.input_mode === 'raw_sequence'
  const horizonBars = overrides.horizon_bars ?? target.horizonBars
  warnings.push(...doubtTarget(meta, family.target))
  if (objectOf(meta.cross_sectional_ranking).enabled === true)
    warnings.push(
      'its raw score is served; an ensemble by the rule rank with this member gives its percentile among all symbols, and the signal',
    )
  const sha256 = checksumOf(meta, overrides)
  const told = manifestOf({
    version: textOf(meta.version) ?? '1',
    symbol: overrides.symbol ?? family.symbol ?? textOf(meta.symbol),
    timeframe,
    ...(written instanceof Refused ? { family: familyKey(family.family) } : written),
    trainedFamily: familyKey(family.family),
    inputPrecision: 'float32',
    features: isRaw
      ? rawWindow(meta)
      : { catalogue: 'foxml', baseBars: overrides.base_bars ?? defaultBars, bufferBars: overrides.buffer_bars ?? 0 },
    ...(isRaw && {
      featureNames: rawNames(meta),
      onnx: { input: undefined, output: undefined, shape: [lengthOf(meta), rawChannels(meta).length] },
    }),
    output: overrides.output ?? target.output,
    horizonBars,
    target: family.target,
    sha256,
  })
  if (written instanceof Refused) throw written.of(told)
  if (horizonBars === undefined) throw unknownHorizon(family.target, timeframe).of(told)
  return {
    manifest: { ...told, horizonBars },
    folder,
    describedBy: overrides.sha256 === undefined ? 'model_meta.json' : 'barcast.json',
    golden: 'golden.jsonl',
    warnings,
    ...(isRaw ? {} : { resolveNames: (scorer) => resolveOrder(meta, scorer) }),
  }
}

function unknownHorizon(target: string, timeframe: Timeframe): Refused {
  return new Refused(
    'bad-manifest',
    `how far ahead the model looks is not known: the target ${target} does not say it in whole bars of ${timeframe}; state horizon_bars in a barcast.json beside model_meta.json`,
  )
}

/** FoxML asks by the folder's name: everything is read from that one, and told when the metadata names another. */
function doubtTarget(meta: Record<string, unknown>, target: string): string[] {
  const stated = textOf(meta.target) ?? ''
  // As FoxML names the folder of a target.
  if (stated === '' || stated.replace(/[/\\]/g, '_') === target) return []
  return [`model_meta.json names the target ${stated}, the folder ${target}: target, horizon and output are taken from the folder's name`]
}

/** The model's file, or why it is not served: told at the end, so that whoever asks for the target hears of this model, too. */
async function findServable(
  root: string,
  folder: string,
  family: FamilyFolder,
  rules: ModelRules,
): Promise<Pick<Manifest, 'family' | 'file'> | Refused> {
  try {
    await refuseBlocked(root, family.target, rules)
    return await findModelFile(join(rules.root, folder), family.family)
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
}

/** FoxML compares intervals exactly; 5 and 5.0 are one, 5.0000001 is none of them. */
function timeframeOf(
  { interval_minutes: minutes }: Record<string, unknown>,
  { timeframe }: Overrides,
): { timeframe: Timeframe; warnings: string[] } {
  const trained = timeframes.find((each) => durationMs(each) === Number(minutes) * 60_000)
  if (minutes === null || minutes === undefined) {
    if (timeframe === undefined)
      throw new Refused('bad-manifest', 'model_meta.json states no interval_minutes; state the timeframe in a barcast.json beside it')
    return { timeframe, warnings: ['model_meta.json states no interval_minutes: the timeframe of barcast.json could not be checked'] }
  }
  if (trained === undefined)
    throw new Refused('bad-manifest', `model_meta.json: candles of ${JSON.stringify(minutes)} minutes are none of ${timeframes.join(', ')}`)
  if (timeframe !== undefined && timeframe !== trained) {
    throw new Refused(
      'bad-manifest',
      `barcast.json says ${timeframe}, but the model was trained on candles of ${JSON.stringify(minutes)} minutes`,
    )
  }
  return { timeframe: trained, warnings: [] }
}

function checksumOf({ model_checksum }: Record<string, unknown>, { sha256 }: Overrides): string | undefined {
  if (sha256 !== undefined) return sha256
  if (model_checksum === null || model_checksum === undefined) return undefined
  const text = textOf(model_checksum)
  // Compared exactly, as FoxML does: upper case is another digest.
  if (text === undefined || !/^[0-9a-f]{64}$/.test(text))
    throw new Refused('checksum', 'model_meta.json: model_checksum is no SHA-256 in lower case')
  return text
}

function rawChannels(meta: Record<string, unknown>): readonly string[] {
  const named = (textsOf(meta.sequence_channels) ?? channels).map((channel) => channel.toLowerCase())
  const unknown = named.find((channel) => !(channels as readonly string[]).includes(channel))
  if (unknown !== undefined)
    throw new Refused('bad-manifest', `model_meta.json: there is no channel ${unknown}; ${channels.join(', ')} are`)
  return named
}

function lengthOf({ sequence_length: length = defaultSequence }: Record<string, unknown>): number {
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 2 || length > 10_000)
    throw new Refused('bad-manifest', `model_meta.json: a sequence of ${String(length)} bars`)
  return length
}

function rawWindow(meta: Record<string, unknown>): Manifest['features'] {
  return { catalogue: 'raw-sequence', baseBars: lengthOf(meta), bufferBars: 0 }
}

function rawNames(meta: Record<string, unknown>): string[] {
  const kind = textOf(meta.sequence_normalization) ?? 'returns'
  if (!Object.hasOwn(normalisations, kind)) {
    throw new Refused('bad-manifest', `model_meta.json: there is no normalisation ${kind}; ${Object.keys(normalisations).join(', ')} are`)
  }
  const named = rawChannels(meta).map((channel) => `${kind}.${channel}`)
  return sequenceNames(named, lengthOf(meta))
}

/** Both shapes of the file: a decision by itself, or under the target's name. */
async function refuseBlocked(root: string, target: string, rules: ModelRules): Promise<void> {
  const decision = await readJson(join(root, 'targets', target, 'decision'), 'routing_decision.json', rules).catch(() => undefined)
  const { route, reason } = { ...objectOf(decision), ...objectOf(decision?.[target]) }
  if (route === 'BLOCKED')
    throw new Refused('bad-manifest', `the routing decision of ${target} is BLOCKED: ${textOf(reason) ?? 'no reason given'}`)
}
