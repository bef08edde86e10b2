import { readdir, stat } from 'node:fs/promises'
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

/** FoxML's run roots: `targets/<target>/models/view=<view>/[symbol=<symbol>/]family=<family>/`, each with a `model_meta.json`. */
export const foxml: Layout = {
  name: 'foxml',
  async find({ name, path, folders, files }, rules) {
    if (!folders.has('targets') || files.has('model.json')) return undefined
    const targets = await listFolders(join(path, 'targets'))
    const found = await Promise.all(targets.map((target) => findTarget({ root: name, path: join(path, 'targets', target), target }, rules)))
    return found.flat()
  },
}

interface Place {
  readonly root: string
  readonly path: string
  readonly target: string
}

async function findTarget({ root, path, target }: Place, rules: ModelRules): Promise<FoundModel[]> {
  const views = (await listFolders(join(path, 'models'))).filter((view) => view.startsWith('view='))
  const found = await Promise.all(
    views.map(async (view) => {
      const below = await listFolders(join(path, 'models', view))
      const symbols = below.filter((name) => name.startsWith('symbol='))
      const ways = [{ symbol: undefined, folders: below, prefix: view }]
      const ofSymbols = await Promise.all(
        symbols.map(async (symbol) => ({
          symbol: symbol.slice(7),
          folders: await listFolders(join(path, 'models', view, symbol)),
          prefix: join(view, symbol),
        })),
      )
      return [...ways, ...ofSymbols].flatMap(({ symbol, folders, prefix }) =>
        folders
          .filter((name) => name.startsWith('family='))
          .map((family) =>
            foundFamily({ root, target, view: view.slice(5), symbol, family: family.slice(7), inner: join(prefix, family) }, rules),
          ),
      )
    }),
  )
  return found.flat()
}

interface Family {
  readonly root: string
  readonly target: string
  readonly view: string
  readonly symbol: string | undefined
  readonly family: string
  /** Below the target's `models`. */
  readonly inner: string
}

function foundFamily(family: Family, rules: ModelRules): FoundModel {
  const { root, target, view, symbol, inner } = family
  const path = join(root, 'targets', target, 'models', inner)
  const special = view === 'CROSS_SECTIONAL' ? [] : [view, ...(symbol === undefined ? [] : [symbol])]
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
  return {
    name: toModelName(root, target, ...special, family.family),
    path,
    files: known.map((file) => join(rules.root, path, file)),
    describe: () => describeFamily(path, family, rules),
  }
}

async function describeFamily(folder: string, family: Family, rules: ModelRules): Promise<Description> {
  const meta = await readJson(folder, 'model_meta.json', rules)
  if (meta === undefined) throw new Refused('bad-manifest', 'model_meta.json is missing')
  const overrides = await readOverrides(folder, rules)
  const written = await findServable(folder, family, rules)
  const { timeframe, warnings } = timeframeOf(meta, overrides)
  const target = readTarget(textOf(meta.target) ?? family.target, timeframe, tradingDayMs)
  const isRaw = meta.input_mode === 'raw_sequence'
  const horizonBars = overrides.horizon_bars ?? target.horizonBars
  if (horizonBars === undefined)
    warnings.push(
      `the target ${family.target} does not say how many bars ahead it looks: 1 is assumed; state horizon_bars in a barcast.json`,
    )
  if (objectOf(meta.cross_sectional_ranking).enabled === true)
    warnings.push(
      'its raw score is served; an ensemble by the rule rank with this member gives its percentile among all symbols, and the signal',
    )
  const sha256 = checksumOf(meta, overrides)
  const manifest = manifestOf({
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
    horizonBars: horizonBars ?? 1,
    target: family.target,
    sha256,
  })
  if (written instanceof Refused) throw written.of(manifest)
  return {
    manifest,
    folder,
    describedBy: overrides.sha256 === undefined ? 'model_meta.json' : 'barcast.json',
    golden: 'golden.jsonl',
    warnings,
    ...(isRaw ? {} : { resolveNames: (scorer) => resolveOrder(meta, scorer) }),
  }
}

/** The model's file, or why it is not served: told at the end, so that whoever asks for the target hears of this model, too. */
async function findServable(folder: string, family: Family, rules: ModelRules): Promise<Pick<Manifest, 'family' | 'file'> | Refused> {
  try {
    await refuseBlocked(family, rules)
    return await findModelFile(join(rules.root, folder), family.family)
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
}

/** What is read, and nothing else: every other file of a model is a pickle or needs the library that wrote it. */
async function findModelFile(path: string, family: string): Promise<Pick<Manifest, 'family' | 'file'>> {
  const names = new Set(await readdir(path))
  if (names.has('model.onnx')) return { family: 'onnx', file: 'model.onnx' }
  if (names.has('model.ubj')) return { family: 'xgboost', file: 'model.ubj' }
  if (names.has('model.json')) return { family: 'xgboost', file: 'model.json' }
  if (names.has('model.txt')) {
    const key = familyKey(family)
    if (['lightgbm', 'quantilelightgbm'].includes(key)) return { family: 'lightgbm', file: 'model.txt' }
    throw new Refused('bad-model', `model.txt of the family ${family} is not LightGBM's; export the model to ONNX (examples/export)`)
  }
  const closed = ['model.pkl', 'model.joblib', 'model.h5', 'model.keras', 'model.pt', 'model.cbm', 'model'].find((name) => names.has(name))
  if (closed === undefined) throw new Refused('bad-model', 'there is no model file')
  const why =
    closed.endsWith('.pkl') || closed.endsWith('.joblib')
      ? 'pickles are never opened, because they execute code'
      : 'it needs the library that wrote it'
  throw new Refused('bad-model', `${closed} is not read: ${why}; export it with the scripts in examples/export`, {
    code: 'export-needed',
    file: closed,
  })
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
async function refuseBlocked({ root, target }: Family, rules: ModelRules): Promise<void> {
  const decision = await readJson(join(root, 'targets', target, 'decision'), 'routing_decision.json', rules).catch(() => undefined)
  const { route, reason } = { ...objectOf(decision), ...objectOf(decision?.[target]) }
  if (route === 'BLOCKED')
    throw new Refused('bad-manifest', `the routing decision of ${target} is BLOCKED: ${textOf(reason) ?? 'no reason given'}`)
}

async function listFolders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  const names = await Promise.all(
    entries.map(async (entry) => {
      const isFolder =
        entry.isDirectory() ||
        (entry.isSymbolicLink() && (await stat(join(path, entry.name)).catch(() => undefined))?.isDirectory() === true)
      return isFolder ? [entry.name] : []
    }),
  )
  return names.flat().sort()
}
