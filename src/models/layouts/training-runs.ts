import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Description } from '../description.js'
import type { Manifest } from '../model.js'
import { type ModelRules } from '../model-rules.js'
import { readBundleFile } from '../read-bundle-file.js'
import { Refused } from '../refused.js'
import type { FoundModel, Layout } from './layout.js'
import { manifestOf } from './manifest-of.js'
import { toModelName } from './to-model-name.js'
import { readOverrides } from './overrides.js'
import { objectOf, readJson, textOf } from './read-json.js'
import { readTarget } from './read-target.js'

/**
 * Folders of the multi-timeframe training pipeline. A run (`run_20251008_145809_lgbm_y_logret_168h_huber`) is a model by itself; a folder that holds
 * runs is the newest of them: by the time in its name, then by that of its model file.
 */
export const trainingRuns: Layout = {
  name: 'training-runs',
  async find({ name, path, files, folders }, rules) {
    if (files.has('model.json')) return undefined
    if (isRun(name) && files.has('model.txt')) return [foundRun(name, name, path, rules)]
    const runs = await runsWithModels(path, [...folders].filter(isRun))
    if (runs.length === 0) return undefined
    const [newest] = runs.sort((a, b) => (a.stamp === b.stamp ? b.mtimeMs - a.mtimeMs : a.stamp < b.stamp ? 1 : -1))
    return [foundRun(name, join(name, newest!.name), join(path, newest!.name), rules)]
  },
}

function isRun(name: string): boolean {
  return /^run_/.test(name)
}

interface Run {
  readonly name: string
  readonly stamp: string
  readonly mtimeMs: number
}

async function runsWithModels(path: string, names: readonly string[]): Promise<Run[]> {
  const runs = await Promise.all(
    names.map(async (name): Promise<Run | undefined> => {
      const model = await stat(join(path, name, 'model.txt')).catch(() => undefined)
      return model?.isFile() === true ? { name, stamp: stampOf(name), mtimeMs: model.mtimeMs } : undefined
    }),
  )
  return runs.flatMap((run) => run ?? [])
}

/** `20251008_145809` of the run's name; '' when it has none. */
function stampOf(name: string): string {
  return /^run_(\d{8}_\d{6})/.exec(name)?.[1] ?? ''
}

function foundRun(name: string, folder: string, path: string, rules: ModelRules): FoundModel {
  const described = ['model.txt', 'run_metadata.json', 'pipeline_config.json', 'feature_importance.csv', 'barcast.json', 'golden.jsonl']
  return {
    name: toModelName(name),
    path: folder,
    files: described.map((file) => join(path, file)),
    describe: () => describeRun(folder, rules),
  }
}

async function describeRun(folder: string, rules: ModelRules): Promise<Description> {
  const metadata = (await readJson(folder, 'run_metadata.json', rules)) ?? {}
  const config = (await readJson(folder, 'pipeline_config.json', rules)) ?? objectOf(metadata.config)
  const overrides = await readOverrides(folder, rules)
  const target = objectOf(config.target)
  const variable = textOf(metadata.target) ?? textOf(target.variable)
  const timeframe = overrides.timeframe ?? '1h'
  const read = variable === undefined ? undefined : readTarget(variable, timeframe)
  const horizonBars = overrides.horizon_bars ?? read?.horizonBars
  if (horizonBars === undefined) {
    const said =
      variable === undefined ? 'no target is named in run_metadata.json or pipeline_config.json' : `the target ${variable} does not say it`
    throw new Refused(
      'bad-manifest',
      `how far ahead the model looks is not known: ${said}; state horizon_bars in a barcast.json beside model.txt`,
    )
  }
  const quantile = quantileOf(target.objective)
  const manifest: Manifest = manifestOf({
    version: textOf(metadata.timestamp) ?? (stampOf(folder.split('/').at(-1)!) || 'unknown'),
    symbol: overrides.symbol,
    timeframe,
    features: { catalogue: 'multi-timeframe', baseBars: overrides.base_bars ?? 720, bufferBars: overrides.buffer_bars ?? 6 },
    output: overrides.output ?? read?.output ?? 'score',
    quantile,
    ...(quantile !== undefined && { trainedFamily: 'quantilelightgbm' }),
    target: variable,
    horizonBars,
    sha256: overrides.sha256,
  })
  return {
    manifest,
    folder,
    describedBy: overrides.sha256 === undefined ? 'the run' : 'barcast.json',
    golden: 'golden.jsonl',
    resolveNames: (scorer) => scorer.featureNames!,
    prove: async (_score, scorer) => compareImportance(folder, scorer.featureNames!, rules),
  }
}

/** `{name: "quantile", params: {alpha: 0.05}}`, or the older `{type: "quantiles", quantiles: [0.05]}`. */
function quantileOf(objective: unknown): number | undefined {
  const { name, type, params, quantiles } = objectOf(objective)
  const alpha =
    name === 'quantile' ? objectOf(params).alpha : type === 'quantiles' && Array.isArray(quantiles) ? (quantiles[0] as unknown) : undefined
  return typeof alpha === 'number' && alpha > 0 && alpha < 1 ? alpha : undefined
}

/** The table of importances names the model's features; other names mean that it lies beside another model's file. */
async function compareImportance(folder: string, names: readonly string[], { root }: ModelRules): Promise<string[]> {
  const bytes = await readBundleFile({ root, bundle: folder, file: 'feature_importance.csv', maxBytes: 2 ** 24, refusal: 'bad-manifest' })
  if (bytes === undefined) return []
  const listed = new Set(
    new TextDecoder()
      .decode(bytes)
      .split('\n')
      .slice(1)
      .flatMap((line) => line.split(',', 1)[0]?.trim() || []),
  )
  const absent = names.filter((name) => !listed.has(name))
  if (listed.size === 0 || absent.length === 0) return []
  return [
    `feature_importance.csv does not list ${absent.length} of the model's features (${absent.slice(0, 3).join(', ')}): it may belong to another model`,
  ]
}
