import type { Stats } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Description } from './description.js'
import type { Manifest } from './model.js'
import { modelName, type ModelRules } from './model-rules.js'
import { readBundleFile } from './read-bundle-file.js'
import { readManifest } from './read-manifest.js'
import { Refused } from './refused.js'

/**
 * What one of our own bundles says of itself: a folder with `model.json`.
 * @throws Refused `bad-manifest`
 */
export async function describeBundle(name: string, rules: ModelRules): Promise<Description> {
  await refuseDanglingLink(name, rules)
  if (!modelName.test(name))
    throw new Refused('bad-manifest', `the folder's name is no model name (${modelName.source}); rename the folder`)
  return { manifest: await readBundleManifest(name, rules), folder: name, describedBy: 'model.json', golden: 'golden.jsonl' }
}

async function refuseDanglingLink(bundle: string, { root }: ModelRules): Promise<void> {
  const path = join(root, bundle)
  const exists = (looking: Promise<Stats>) => looking.then(Boolean, () => false)
  if (!(await exists(stat(path))) && (await exists(lstat(path))))
    throw new Refused('bad-manifest', 'the folder is a link that leads nowhere')
}

async function readBundleManifest(bundle: string, { root }: ModelRules): Promise<Manifest> {
  const bytes = await readBundleFile({ root, bundle, file: 'model.json', maxBytes: 2 ** 20, refusal: 'bad-manifest' })
  if (bytes === undefined) throw new Refused('bad-manifest', 'model.json is missing')
  return readManifest(bytes)
}
