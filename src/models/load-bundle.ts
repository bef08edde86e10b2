import { webcrypto } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Booster, ModelFormatError } from 'lightgbm-wasm'
import { type Catalogue, FeatureMismatch } from '../features/catalogue.js'
import { nearestName } from '../nearest-name.js'
import type { Manifest, ModelEntry, ServedModel } from './model.js'
import { readBundleFile } from './read-bundle-file.js'
import { readManifest } from './read-manifest.js'
import { Refused } from './refused.js'
import { replayGolden } from './replay-golden.js'
import { doubts } from './doubts.js'
import { createServedModel } from './served-model.js'

export interface BundleRules {
  /** The models directory, with no symbolic link in it. */
  readonly root: string
  readonly checksums: 'strict' | 'warn' | 'off'
  /** Serve a bundle that states no digest. */
  readonly allowUnsigned: boolean
  readonly catalogues: readonly Catalogue[]
}

export interface LoadedBundle {
  readonly entry: ModelEntry
  /** Gives the model's memory back; the model must not be asked afterwards. */
  dispose(): void
}

/** What a name looks like that a model can be asked by. */
export const modelName = /^[a-z0-9][a-z0-9._-]{0,99}$/

/**
 * Loads one folder of the models directory and proves it: manifest, digest, model file, outputs, feature names, golden rows, in this order.
 * Never rejects: a bundle that fails is an entry that says why.
 */
export async function loadBundle(name: string, rules: BundleRules): Promise<LoadedBundle> {
  let manifest: Manifest | undefined
  let booster: Booster | undefined
  try {
    await refuseDanglingLink(name, rules)
    if (!modelName.test(name))
      throw new Refused('bad-manifest', `the folder's name is no model name (${modelName.source}); rename the folder`)
    manifest = await readBundleManifest(name, rules)
    const catalogue = findCatalogue(manifest, rules.catalogues)
    const { bytes, sha256, warnings } = await readModel(name, manifest, rules)
    booster = await parseModel(bytes)
    requireOutputs(booster, manifest)
    requireFeatures(booster, manifest, catalogue)
    warnings.push(...doubts(booster, manifest, catalogue))
    const goldenRows = await proveGolden(name, booster, rules)
    const model: ServedModel = createServedModel({
      name,
      manifest,
      sha256,
      catalogueVersion: catalogue.version,
      goldenRows,
      warnings,
      booster,
    })
    const loaded = booster
    return { entry: { name, state: 'served', model }, dispose: () => loaded.dispose() }
  } catch (error) {
    booster?.dispose()
    const { reason, message, extras } =
      error instanceof Refused ? error : new Refused('bad-model', `the bundle cannot be loaded: ${String(error)}`)
    return { entry: { name, state: 'refused', reason, detail: message, extras, manifest }, dispose: () => undefined }
  }
}

async function refuseDanglingLink(bundle: string, { root }: BundleRules): Promise<void> {
  const path = join(root, bundle)
  const exists = (looking: Promise<Stats>) => looking.then(Boolean, () => false)
  if (!(await exists(stat(path))) && (await exists(lstat(path))))
    throw new Refused('bad-manifest', 'the folder is a link that leads nowhere')
}

async function readBundleManifest(bundle: string, { root }: BundleRules): Promise<Manifest> {
  const bytes = await readBundleFile({ root, bundle, file: 'model.json', maxBytes: 2 ** 20, refusal: 'bad-manifest' })
  if (bytes === undefined) throw new Refused('bad-manifest', 'model.json is missing')
  return readManifest(bytes)
}

function findCatalogue({ features, timeframe }: Manifest, catalogues: readonly Catalogue[]): Catalogue {
  const catalogue = catalogues.find(({ name }) => name === features.catalogue)
  if (catalogue === undefined) {
    const known = catalogues.map(({ name }) => name)
    throw new Refused('bad-manifest', `model.json: there is no catalogue ${features.catalogue}; known are ${known.join(', ')}`, {
      nearest: nearestName(features.catalogue, known),
    })
  }
  if (!catalogue.timeframes.includes(timeframe)) {
    throw new Refused(
      'bad-manifest',
      `model.json: catalogue ${catalogue.name} is for candles of ${catalogue.timeframes.join(', ')}, not ${timeframe}`,
    )
  }
  return catalogue
}

/** The bytes of model.txt, whose digest is judged before anything reads them. */
async function readModel(bundle: string, manifest: Manifest, { root, checksums, allowUnsigned }: BundleRules) {
  const bytes = await readBundleFile({ root, bundle, file: 'model.txt', maxBytes: 2 ** 29, refusal: 'bad-model' })
  if (bytes === undefined) throw new Refused('bad-model', 'model.txt is missing')
  // Hashed by Node's thread pool: 23 MB would hold the event loop for some 30 ms.
  const sha256 = Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex')
  const warnings: string[] = []
  if (manifest.sha256 === undefined) {
    if (!allowUnsigned) {
      throw new Refused('checksum', 'model.json states no sha256 of model.txt; add it, or allow unsigned bundles', {
        expected: null,
        got: sha256,
      })
    }
    warnings.push('model.json states no sha256 of model.txt')
  } else if (manifest.sha256 !== sha256 && checksums !== 'off') {
    const detail = `model.txt is not the file of model.json: its SHA-256 is ${sha256}, ${manifest.sha256} is stated`
    if (checksums === 'strict') throw new Refused('checksum', detail, { expected: manifest.sha256, got: sha256 })
    warnings.push(detail)
  }
  return { bytes, sha256, warnings }
}

async function parseModel(bytes: Uint8Array): Promise<Booster> {
  try {
    return await Booster.load(bytes)
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error
    throw new Refused('bad-model', `model.txt, ${error.message}`, { line: error.line, code: error.code }, { cause: error })
  }
}

function requireOutputs(booster: Booster, { output, classes }: Manifest): void {
  const nOutputs = booster.numModelPerIteration()
  const fits =
    output === 'score' ||
    (output === 'class_probabilities' ? nOutputs >= 2 && (classes === undefined || classes.length === nOutputs) : nOutputs === 1)
  if (fits) return
  const stated = classes === undefined ? output : `${output} with ${classes.length} classes`
  throw new Refused('bad-manifest', `model.json says ${stated}, but the model has ${nOutputs} ${nOutputs === 1 ? 'output' : 'outputs'}`, {
    outputs: nOutputs,
  })
}

function requireFeatures(booster: Booster, { features }: Manifest, catalogue: Catalogue): void {
  try {
    catalogue.compile(booster.featureName(), features)
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
    throw new Refused('bad-manifest', `model.json: catalogue ${catalogue.name} refuses the window: ${String(error)}`, {}, { cause: error })
  }
}

async function proveGolden(bundle: string, booster: Booster, { root }: BundleRules): Promise<number> {
  const bytes = await readBundleFile({ root, bundle, file: 'golden.jsonl', maxBytes: 2 ** 26, refusal: 'golden-mismatch' })
  if (bytes === undefined) return 0
  return replayGolden(bytes, {
    featureNames: booster.featureName(),
    nOutputs: booster.numModelPerIteration(),
    predictRaw: (rows) => booster.predict(rows, { rawScore: true }),
  })
}
