import { join } from 'node:path'
import type { Description } from '../description.js'
import { type ModelRules } from '../model-rules.js'
import { readBundleFile } from '../read-bundle-file.js'
import { Refused } from '../refused.js'
import type { FoundModel, Layout } from './layout.js'
import { manifestOf } from './manifest-of.js'
import { isRun, newestRun, runFiles, stampOf } from './newest-run.js'
import { toModelName } from './to-model-name.js'
import { readOverrides } from './overrides.js'
import { objectOf, readJson, textOf } from './read-json.js'
import { readTarget } from './read-target.js'

/**
 * Folders of the multi-timeframe training pipeline. A run (`run_20251008_145809_lgbm_y_logret_168h_huber`, or any folder with `model.txt` and
 * `run_metadata.json`) is a model by itself; a folder that holds runs, of whatever names, is the newest of them.
 */
export const trainingRuns: Layout = {
  name: 'training-runs',
  async find({ name, path, files, folders }, rules) {
    if (files.has('model.json')) return undefined
    if (files.has('model.txt') && (isRun(name) || runFiles.some((file) => files.has(file)))) return [foundRun(name, name, path, rules)]
    const newest = await newestRun(name, folders, rules)
    return newest === undefined ? undefined : [foundRun(name, join(name, newest), join(path, newest), rules)]
  },
}

function foundRun(name: string, folder: string, path: string, rules: ModelRules): FoundModel {
  const described = ['model.txt', ...runFiles, 'feature_importance.csv', 'barcast.json', 'golden.jsonl']
  return {
    name: toModelName(name),
    path: folder,
    files: described.map((file) => join(path, file)),
    describe: () => describeRun(folder, rules),
  }
}

async function describeRun(folder: string, rules: ModelRules): Promise<Description> {
  const metadata = (await readJson(folder, 'run_metadata.json', rules)) ?? {}
  const configs = [(await readJson(folder, 'pipeline_config.json', rules)) ?? {}, objectOf(metadata.config)]
  const overrides = await readOverrides(folder, rules)
  const targets = configs.map((config) => objectOf(config.target))
  const configured = targets.map(({ variable }) => textOf(variable)).find((each) => each !== undefined)
  const variable = textOf(metadata.target) ?? configured
  const timeframe = overrides.timeframe ?? '1h'
  const read = variable === undefined ? undefined : readTarget(variable, timeframe)
  const horizonBars = overrides.horizon_bars ?? read?.horizonBars
  const quantile = quantileOf(targets.map(({ objective }) => objective))
  const told = manifestOf({
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
  if (horizonBars === undefined) throw unknownHorizon(variable).of(told)
  return {
    manifest: { ...told, horizonBars },
    folder,
    describedBy: overrides.sha256 === undefined ? 'the run' : 'barcast.json',
    golden: 'golden.jsonl',
    warnings:
      configured === undefined || configured === variable
        ? []
        : [
            `run_metadata.json names the target ${variable}, pipeline_config.json ${configured}: target, horizon and output are taken from run_metadata.json`,
          ],
    resolveNames: (scorer) => scorer.featureNames!,
    prove: async (_score, scorer) => compareImportance(folder, scorer.featureNames!, rules),
  }
}

function unknownHorizon(target: string | undefined): Refused {
  const said =
    target === undefined ? 'no target is named in run_metadata.json or pipeline_config.json' : `the target ${target} does not say it`
  return new Refused(
    'bad-manifest',
    `how far ahead the model looks is not known: ${said}; state horizon_bars in a barcast.json beside model.txt`,
  )
}

/**
 * The quantile that the run was trained for; undefined when its objective is another one. Objectives are `{name: "quantile", params: {alpha: 0.05}}`, a
 * text, or the older `{type: "quantiles", quantiles: [0.05]}`.
 * @param objectives the first that is stated counts; a later one may know the quantile that it leaves out
 * @throws Refused when the quantile is not told
 */
function quantileOf(objectives: readonly unknown[]): number | undefined {
  const stated = objectives.filter((objective) => objective !== undefined && objective !== null)
  if (stated.length === 0 || !isQuantile(stated[0])) return undefined
  const alpha = stated
    .filter(isQuantile)
    .map(alphaOf)
    .find((each) => each !== undefined)
  if (typeof alpha === 'number' && alpha > 0 && alpha < 1) return alpha
  throw new Refused(
    'bad-manifest',
    `the objective is quantile, but which one is not told${alpha === undefined ? '' : ` by ${JSON.stringify(alpha)}`}: state target.objective.params.alpha, between 0 and 1, in pipeline_config.json`,
  )
}

function isQuantile(objective: unknown): boolean {
  const { name, type } = objectOf(objective)
  return objective === 'quantile' || name === 'quantile' || type === 'quantile' || type === 'quantiles'
}

function alphaOf(objective: unknown): unknown {
  const { params, quantiles } = objectOf(objective)
  if (Array.isArray(quantiles)) return quantiles.length === 1 ? (quantiles[0] as unknown) : quantiles
  return objectOf(params).alpha
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
