import { webcrypto } from 'node:crypto'
import { type Catalogue, FeatureMismatch } from '../features/catalogue.js'
import { nearestName } from '../nearest-name.js'
import type { Description } from './description.js'
import { loadEnsemble } from './ensembles/load-ensemble.js'
import { toldManifest } from './ensembles/told-manifest.js'
import { families } from './families/families.js'
import type { Family, Scorer } from './families/family.js'
import type { Manifest, ModelEntry, ModelSource } from './model.js'
import type { ModelRules } from './model-rules.js'
import { readBundleFile } from './read-bundle-file.js'
import { Refused } from './refused.js'
import { type GoldenScorer, replayGolden } from './replay-golden.js'
import { createServedModel } from './served-model.js'
import { shapedScore } from './shaped-score.js'
import { signalDoubts } from './signal-rule.js'

export interface LoadedBundle {
  readonly entry: Extract<ModelEntry, { state: 'served' | 'refused' }>
  /** Memory that the model holds, bytes. */
  readonly bytes: number
  /** Gives the model's memory back; the model must not be asked afterwards. */
  dispose(): void
}

/**
 * Loads a model and proves it: description, digest, model file, outputs, feature names, golden rows, in this order.
 * Never rejects: a model that fails is an entry that says why.
 */
export async function loadModel(
  { name, source }: { readonly name: string; readonly source: ModelSource },
  describe: () => Promise<Description>,
  rules: ModelRules,
): Promise<LoadedBundle> {
  let manifest: Manifest | undefined
  let scorer: Scorer | undefined
  try {
    const description = await describe()
    manifest = description.manifest
    const isStacked = manifest.ensemble?.rule.rule === 'stacked'
    if (manifest.ensemble !== undefined && !isStacked) return loadEnsemble({ name, source }, manifest)
    const family = findFamily(manifest)
    // The inputs of a stacked model are predictions: whether they are there is told when its members are known.
    const catalogue = isStacked ? undefined : findCatalogue(description, rules.catalogues)
    const { bytes, sha256, warnings } = await readModel(description, family, rules)
    scorer = await family.open(bytes, manifest)
    requireOutputs(scorer, description)
    const featureNames = namesOf(scorer, description)
    const score = shapedScore(scorer, manifest)
    if (catalogue !== undefined) requireFeatures(featureNames, description, catalogue)
    warnings.push(...scorer.doubts(manifest, catalogue?.unreproducible ?? new Map()))
    // That of a stacked model is judged when the timeframe of its members is known.
    if (!isStacked) warnings.push(...signalDoubts(manifest.signal, manifest.timeframe))
    const goldenRows = await proveGolden(description, { featureNames, nOutputs: scorer.nOutputs, score }, family, rules)
    warnings.push(...((await description.prove?.(score, scorer)) ?? []))
    const model = createServedModel({
      name,
      source,
      manifest,
      sha256,
      catalogueVersion: catalogue?.version ?? 1,
      goldenRows,
      warnings,
      featureNames,
      scorer,
      score,
    })
    const loaded = scorer
    return { entry: { name, source, state: 'served', model }, bytes: loaded.bytes, dispose: () => loaded.dispose() }
  } catch (error) {
    scorer?.dispose()
    const refused = error instanceof Refused ? error : new Refused('bad-model', `the model cannot be loaded: ${String(error)}`)
    const { reason, message, extras } = refused
    const told = manifest === undefined ? refused.manifest : toldManifest(manifest)
    return {
      entry: { name, source, state: 'refused', reason, detail: message, extras, manifest: told },
      bytes: 0,
      dispose: () => undefined,
    }
  }
}

function findCatalogue({ manifest: { features, timeframe }, describedBy }: Description, catalogues: readonly Catalogue[]): Catalogue {
  const catalogue = catalogues.find(({ name }) => name === features.catalogue)
  if (catalogue === undefined) {
    const known = catalogues.map(({ name }) => name)
    throw new Refused('bad-manifest', `${describedBy}: there is no catalogue ${features.catalogue}; known are ${known.join(', ')}`, {
      nearest: nearestName(features.catalogue, known),
    })
  }
  if (!catalogue.timeframes.includes(timeframe)) {
    throw new Refused(
      'bad-manifest',
      `${describedBy}: catalogue ${catalogue.name} is for candles of ${catalogue.timeframes.join(', ')}, not ${timeframe}`,
    )
  }
  return catalogue
}

/** The bytes of the model file, whose digest is judged before anything reads them. */
async function readModel({ manifest, folder, describedBy, warnings: told = [] }: Description, family: Family, rules: ModelRules) {
  const { root, checksums, allowUnsigned } = rules
  const file = manifest.file ?? family.file
  const bytes = await readBundleFile({ root, bundle: folder, file, maxBytes: family.maxBytes, refusal: 'bad-model' })
  if (bytes === undefined) throw new Refused('bad-model', `${file} is missing`)
  // Hashed by Node's thread pool: 23 MB would hold the event loop for some 30 ms.
  const sha256 = Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex')
  const warnings = [...told]
  if (manifest.sha256 === undefined) {
    if (!allowUnsigned) {
      const detail = `${describedBy} states no sha256 of ${file}; add it, or allow unsigned bundles`
      throw new Refused('checksum', detail, { expected: null, got: sha256 })
    }
    warnings.push(`${describedBy} states no sha256 of ${file}`)
  } else if (manifest.sha256 !== sha256 && checksums !== 'off') {
    const detail = `${file} is not the file of ${describedBy}: its SHA-256 is ${sha256}, ${manifest.sha256} is stated`
    if (checksums === 'strict') throw new Refused('checksum', detail, { expected: manifest.sha256, got: sha256 })
    warnings.push(detail)
  }
  return { bytes, sha256, warnings }
}

function findFamily({ family: wanted }: Manifest): Family {
  const family = families.find(({ name }) => name === wanted)
  if (family === undefined) throw new Refused('bad-manifest', `model.json: there is no family ${wanted}`)
  return family
}

/** The catalogue's names of the model's inputs: the layout's, the manifest's, else the file's own. */
function namesOf(scorer: Scorer, { manifest, describedBy, resolveNames }: Description): readonly string[] {
  const names = resolveNames?.(scorer) ?? manifest.featureNames ?? scorer.featureNames
  const { nInputs } = scorer
  if (names === undefined) {
    const detail = `${describedBy}: feature_names is needed: the model takes ${nInputs} features, and its file does not name them`
    throw new Refused('bad-manifest', detail, { inputs: nInputs })
  }
  if (names.length !== nInputs) {
    const why =
      manifest.featureNames === undefined
        ? 'save the model again with its feature names'
        : 'feature_names must list every input once, in the order in which the model was trained on them'
    throw new Refused('feature-mismatch', `${describedBy} names ${names.length} features, the model takes ${nInputs}: ${why}`, {
      named: names.length,
      inputs: nInputs,
    })
  }
  return names
}

function requireOutputs({ nOutputs }: Scorer, { manifest: { output, classes }, describedBy }: Description): void {
  const fits =
    output === 'score' ||
    (output === 'class_probabilities' ? nOutputs >= 2 && (classes === undefined || classes.length === nOutputs) : nOutputs === 1)
  if (fits) return
  const stated = classes === undefined ? output : `${output} with ${classes.length} classes`
  throw new Refused(
    'bad-manifest',
    `${describedBy} says ${stated}, but the model has ${nOutputs} ${nOutputs === 1 ? 'output' : 'outputs'}`,
    {
      outputs: nOutputs,
    },
  )
}

function requireFeatures(names: readonly string[], { manifest: { features }, describedBy }: Description, catalogue: Catalogue): void {
  try {
    catalogue.compile(names, features)
  } catch (error) {
    if (error instanceof FeatureMismatch) {
      const shown = error.unknown.slice(0, 50)
      const extras = {
        missing: shown.map(({ name }) => name),
        missing_count: error.unknown.length,
        nearest: Object.fromEntries(shown.map(({ name, nearest }) => [name, nearest])),
      }
      throw new Refused('feature-mismatch', error.message, extras, { cause: error })
    }
    throw new Refused(
      'bad-manifest',
      `${describedBy}: catalogue ${catalogue.name} refuses the window: ${String(error)}`,
      {},
      { cause: error },
    )
  }
}

async function proveGolden(
  { folder, golden }: Description,
  scorer: GoldenScorer,
  { goldenTolerance }: Family,
  { root }: ModelRules,
): Promise<number> {
  if (golden === undefined) return 0
  const bytes = await readBundleFile({ root, bundle: folder, file: golden, maxBytes: 2 ** 26, refusal: 'golden-mismatch' })
  return bytes === undefined ? 0 : replayGolden(bytes, scorer, goldenTolerance)
}
