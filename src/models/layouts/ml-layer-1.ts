import { join } from 'node:path'
import { flatName, minutesPerRow } from '../../features/ml-layer-1/catalogue.js'
import { cumulativeVwap, minuteFeatures } from '../../features/ml-layer-1/minute-features.js'
import type { Description } from '../description.js'
import { onnx } from '../families/onnx.js'
import type { Manifest, Scaling } from '../model.js'
import type { ModelRules } from '../model-rules.js'
import { readBundleFile } from '../read-bundle-file.js'
import { Refused } from '../refused.js'
import { shapedScore, type ShapedScore } from '../shaped-score.js'
import type { FoundModel, Layout } from './layout.js'
import { manifestOf } from './manifest-of.js'
import { readOverrides } from './overrides.js'
import { readJson } from './read-json.js'
import { toModelName } from './to-model-name.js'

const parameters = 'normalization_params_v1.json'
/** Largest distance between a text model and its ONNX twin, as the exporter allows. */
const twinTolerance = 1e-4

/**
 * ML layer 1's models directory: `lgbm_horizon_{1..5}` as text (preferred) or ONNX, the sequence model as ONNX, and the normalisation, without which
 * nothing is served: raw features would be scored without a word.
 */
export const mlLayer1: Layout = {
  name: 'ml-layer-1',
  find({ name, files }, rules) {
    const horizons = [1, 2, 3, 4, 5].filter((h) => files.has(`lgbm_horizon_${h}.onnx`) || files.has(`lgbm_horizon_${h}.txt`))
    if (horizons.length === 0 || files.has('model.json')) return Promise.resolve(undefined)
    const own = ['barcast.json', parameters, 'normalization_params.json']
    const found = (suffix: string, models: readonly string[], describe: () => Promise<Description>): FoundModel => ({
      name: toModelName(name, suffix),
      path: name,
      files: [...own, ...models].map((file) => join(rules.root, name, file)),
      describe,
    })
    const trees = horizons.map((h) =>
      found(`h${h}`, [`lgbm_horizon_${h}.txt`, `lgbm_horizon_${h}.onnx`], () => describeHorizon(name, h, files, rules)),
    )
    const sequence = ['mamba.onnx', 'mamba.pt'].find((file) => files.has(file))
    return Promise.resolve(
      sequence === undefined
        ? trees
        : [...trees, found('sequence', ['mamba.onnx', 'mamba.pt'], () => describeSequence(name, sequence, rules))],
    )
  },
}

async function describeHorizon(folder: string, h: number, files: ReadonlySet<string>, rules: ModelRules): Promise<Description> {
  const text = `lgbm_horizon_${h}.txt`
  const twin = `lgbm_horizon_${h}.onnx`
  const isText = files.has(text)
  const manifest = await sharedManifest(folder, rules, {
    family: isText ? 'lightgbm' : 'onnx',
    trainedFamily: 'lightgbm',
    file: isText ? text : twin,
    output: 'log_return',
    horizonBars: h,
    ...(!isText && { onnx: { input: undefined, output: undefined, shape: [minutesPerRow * minuteFeatures.length] } }),
  })
  return {
    manifest,
    folder,
    describedBy: 'the folder',
    resolveNames: () => manifest.featureNames!,
    ...(isText && files.has(twin) && { prove: (score) => compareTwin(folder, twin, manifest, score, rules) }),
  }
}

async function describeSequence(folder: string, file: string, rules: ModelRules): Promise<Description> {
  if (!file.endsWith('.onnx')) {
    throw new Refused(
      'bad-model',
      `${file} is TorchScript, which is not read: export it to mamba.onnx (examples/export/pytorch_to_onnx.py)`,
      { code: 'export-needed', file },
    )
  }
  const manifest = await sharedManifest(folder, rules, {
    family: 'onnx',
    trainedFamily: file.slice(0, file.lastIndexOf('.')),
    file,
    output: 'score',
    horizonBars: 5,
    onnx: { input: undefined, output: undefined, shape: [minutesPerRow, minuteFeatures.length] },
  })
  return { manifest, folder, describedBy: 'the folder', resolveNames: () => manifest.featureNames! }
}

async function sharedManifest(
  folder: string,
  rules: ModelRules,
  own: Pick<Manifest, 'family' | 'file' | 'output' | 'horizonBars'> & Partial<Manifest>,
): Promise<Manifest> {
  const overrides = await readOverrides(folder, rules)
  const vwap = overrides.vwap === 'cumulative' ? cumulativeVwap.name : 'vwap_deviation'
  const each = minuteFeatures.map(({ name }) => (name === 'vwap_deviation' ? vwap : name))
  return manifestOf({
    version: '1',
    symbol: overrides.symbol,
    timeframe: '1m',
    features: { catalogue: 'ml-layer-1', baseBars: overrides.base_bars ?? minutesPerRow, bufferBars: overrides.buffer_bars ?? 0 },
    featureNames: Array.from({ length: minutesPerRow }, (_, minute) => each.map((name) => flatName(minute, name))).flat(),
    scaling: await readScaling(folder, rules),
    sha256: overrides.sha256,
    ...own,
  })
}

/** Mean and deviation of the 27 features, cut to ±10. */
async function readScaling(folder: string, rules: ModelRules): Promise<Scaling> {
  const json = (await readJson(folder, parameters, rules)) ?? (await readJson(folder, 'normalization_params.json', rules))
  if (json === undefined) throw new Refused('bad-manifest', `${parameters} is missing: without it the models would see raw values`)
  const [mean, scale] = [json.mean, json.std].map((values, k) => {
    const n = minuteFeatures.length
    if (Array.isArray(values) && values.length === n && values.every(Number.isFinite)) return values as number[]
    throw new Refused('bad-manifest', `${parameters}: ${k === 0 ? 'mean' : 'std'} must be ${n} finite numbers`)
  }) as [number[], number[]]
  const names = json.feature_names
  if (Array.isArray(names) && names.some((name, k) => name !== minuteFeatures[k]?.name)) {
    throw new Refused('feature-mismatch', `${parameters}: feature_names are not those of the catalogue, in its order`)
  }
  return { mean, scale: scale.map((value) => (value <= 1e-10 ? 1 : value)), clip: 10 }
}

/** Both files must say the same of some rows: made-up ones, spread over what the normalisation lets through. */
async function compareTwin(folder: string, file: string, manifest: Manifest, score: ShapedScore, rules: ModelRules): Promise<string[]> {
  const bytes = await readBundleFile({ root: rules.root, bundle: folder, file, maxBytes: onnx.maxBytes, refusal: 'bad-model' })
  if (bytes === undefined) return []
  const shape = [minutesPerRow * minuteFeatures.length]
  let twin
  try {
    twin = await onnx.open(bytes, { ...manifest, onnx: { input: undefined, output: undefined, shape } })
  } catch (error) {
    return [`${file} could not be compared with the text model: ${(error as Error).message}`]
  }
  try {
    const rows = madeUpRows(shape[0]!, manifest.scaling!)
    const [{ raw: ours }, { raw: theirs }] = await Promise.all([score.later(rows), shapedScore(twin, manifest).later(rows)])
    ours.forEach((value, row) => {
      if (Math.abs(value - theirs[row]!) <= twinTolerance * Math.max(1, Math.abs(value))) return
      throw new Refused('golden-mismatch', `${file} is another model than the text beside it: ${theirs[row]} where it gives ${value}`, {
        row,
      })
    })
    return []
  } finally {
    twin.dispose()
  }
}

function madeUpRows(nInputs: number, { mean, scale }: Scaling): Float64Array {
  const nRows = 16
  let state = 1
  // Not on any threshold: the float32 of the twin may round over it.
  return Float64Array.from({ length: nRows * nInputs }, (_, i) => {
    state = (75 * state + 74) % 65_537
    return Math.fround(mean[i % mean.length]! + (state / 65_537 - 0.5) * 4 * scale[i % scale.length]!)
  })
}
