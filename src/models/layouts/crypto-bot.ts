import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseTimeframe } from '../../candles/timeframe.js'
import { cryptoBot as catalogue } from '../../features/crypto-bot/catalogue.js'
import { sequenceNames } from '../../features/with-history.js'
import type { Description } from '../description.js'
import type { Scaling } from '../model.js'
import type { ModelRules } from '../model-rules.js'
import { Refused } from '../refused.js'
import type { FoundModel, Layout } from './layout.js'
import { manifestOf } from './manifest-of.js'
import { readOverrides } from './overrides.js'
import { objectOf, readJson, textOf, textsOf } from './read-json.js'
import { toModelName } from './to-model-name.js'

const weights = ['cnn_lstm_v1.onnx', 'cnn_lstm_v1.pth', 'cnn_lstm_best.pth', 'cnn_lstm_best.pt']
const lookback = 60
const defaultBars = 300
/** A label: the return over three bars beyond a quarter of a percent. */
const threshold = 0.0025

/** crypto_bot's registry, `per_coin/<SYMBOL>/<timeframe>/` (or without `per_coin`): the network as ONNX, its scaler as `scaler.json`. */
export const cryptoBot: Layout = {
  name: 'crypto-bot',
  async find({ name, path, folders, files }, rules) {
    if (files.has('model.json')) return undefined
    const inner = folders.has('per_coin') ? 'per_coin' : folders.has('models') ? 'models/per_coin' : ''
    const symbols = (await list(join(path, inner))).filter((each) => /^[A-Z0-9]{3,20}$/.test(each))
    const found = await Promise.all(symbols.map((symbol) => findSymbol(join(name, inner, symbol), name, symbol, rules)))
    const models = found.flat()
    return models.length === 0 ? undefined : models
  },
}

async function findSymbol(folder: string, root: string, symbol: string, rules: ModelRules): Promise<FoundModel[]> {
  const found = await Promise.all(
    (await list(join(rules.root, folder))).map(async (timeframe): Promise<FoundModel[]> => {
      const path = join(folder, timeframe)
      const file = (await list(join(rules.root, path))).find((each) => weights.includes(each))
      if (parseTimeframe(timeframe) === undefined || file === undefined) return []
      const files = [...weights, 'scaler.json', 'meta.json', 'metrics.json', 'barcast.json', 'golden.jsonl']
      return [
        {
          name: toModelName(root, symbol, timeframe),
          path,
          files: files.map((each) => join(rules.root, path, each)),
          describe: () => describeNetwork(path, symbol, timeframe, rules),
        },
      ]
    }),
  )
  return found.flat()
}

async function describeNetwork(folder: string, symbol: string, timeframe: string, rules: ModelRules): Promise<Description> {
  const names = new Set(await list(join(rules.root, folder)))
  const file = weights.find((each) => names.has(each))!
  if (!file.endsWith('.onnx')) {
    throw new Refused(
      'bad-model',
      `${file} holds PyTorch's weights, which are not read: export the network with examples/export/pytorch_to_onnx.py`,
      { code: 'export-needed', file },
    )
  }
  const meta = (await readJson(folder, 'meta.json', rules)) ?? {}
  const metrics = (await readJson(folder, 'metrics.json', rules)) ?? {}
  const overrides = await readOverrides(folder, rules)
  requireMeta(meta, { symbol: overrides.symbol === undefined ? symbol : undefined, timeframe })
  const features = featuresOf(objectOf(metrics.dataset_info).feature_names, [meta.num_features, objectOf(meta.dataset_info).num_features])
  const manifest = manifestOf({
    version: textOf(meta.model_version) ?? 'cnn_lstm_v1',
    symbol: overrides.symbol ?? symbol,
    timeframe: parseTimeframe(timeframe)!,
    family: 'onnx',
    trainedFamily: 'cnnlstm',
    file,
    featureNames: sequenceNames(features, lookback),
    features: {
      catalogue: 'crypto-bot',
      baseBars: overrides.base_bars ?? defaultBars,
      bufferBars: Math.max(overrides.buffer_bars ?? 0, lookback - 1),
    },
    inputPrecision: 'float32',
    scaling: await readScaler(folder, features, rules),
    activation: 'softmax',
    onnx: { input: undefined, output: undefined, shape: [lookback, features.length] },
    output: 'class_probabilities',
    classes: ['SHORT', 'NO_TRADE', 'LONG'],
    thresholds: [Math.log1p(-threshold), Math.log1p(threshold)],
    horizonBars: overrides.horizon_bars ?? 3,
    sha256: overrides.sha256,
  })
  return { manifest, folder, describedBy: 'barcast.json', golden: 'golden.jsonl' }
}

/** What meta.json says must be what the folder says; what it does not say is not asked. */
function requireMeta(
  meta: Readonly<Record<string, unknown>>,
  { symbol, timeframe }: { symbol: string | undefined; timeframe: string },
): void {
  const require = (name: string, isSame: (stated: unknown) => boolean, own: string) => {
    const stated = meta[name] ?? undefined
    if (stated === undefined || isSame(stated)) return
    throw new Refused('bad-manifest', `meta.json says ${name} ${JSON.stringify(stated).slice(0, 100)}, ${own}`)
  }
  if (symbol !== undefined)
    require('symbol', (stated) => typeof stated === 'string' && stated.toUpperCase() === symbol, `the folder is ${symbol}`)
  require('timeframe', (stated) => stated === timeframe, `the folder is ${timeframe}`)
  require('lookback', (stated) => stated === lookback, `networks of ${lookback} bars are served`)
}

/** Sorted, as the scaler was fitted; the order in which the old service fed them is another one. */
function featuresOf(stated: unknown, counts: readonly unknown[]): readonly string[] {
  const named = textsOf(stated)
  const features = named === undefined ? catalogue().names : [...named].sort()
  const other = counts.find((count) => (count ?? features.length) !== features.length)
  if (other !== undefined) {
    const own =
      named === undefined
        ? `the catalogue has ${features.length}; metrics.json must name them`
        : `metrics.json names ${features.length}: both must be those of the training`
    throw new Refused('feature-mismatch', `meta.json says ${JSON.stringify(other).slice(0, 100)} features, ${own}`)
  }
  return features
}

async function readScaler(folder: string, features: readonly string[], rules: ModelRules): Promise<Scaling> {
  const json = await readJson(folder, 'scaler.json', rules)
  if (json === undefined) {
    throw new Refused(
      'bad-manifest',
      'scaler.json is missing: a pickled scaler is never opened; write it with examples/export/scaler_to_json.py',
    )
  }
  const numbers = (name: string) => {
    const values = json[name]
    if (Array.isArray(values) && values.length === features.length && values.every(Number.isFinite)) return values as number[]
    throw new Refused('bad-manifest', `scaler.json: ${name} must be ${features.length} finite numbers`)
  }
  const named = textsOf(json.feature_names)
  if (named !== undefined && named.some((name, k) => name !== features[k])) {
    throw new Refused('feature-mismatch', `scaler.json: feature_names are not ${features.slice(0, 3).join(', ')}, … in this order`)
  }
  const [mean, scale] = [numbers('mean'), numbers('scale')]
  const wrong = scale.findIndex((value) => value <= 0)
  if (wrong >= 0) {
    const detail = `scaler.json: scale of ${features[wrong]} is ${scale[wrong]}; a deviation is above 0, and 1 where the feature was constant`
    throw new Refused('bad-manifest', detail)
  }
  return { mean, scale, clip: undefined, finiteOnly: true }
}

function list(path: string): Promise<string[]> {
  return readdir(path).then(
    (names) => names.sort(),
    () => [],
  )
}
