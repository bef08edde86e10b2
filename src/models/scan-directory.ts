import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { distinctNames } from './distinct-names.js'
import { fingerprint } from './fingerprint.js'
import type { FoundBundle } from './found-bundle.js'
import { cryptoBot } from './layouts/crypto-bot.js'
import { foxml } from './layouts/foxml.js'
import type { Folder, Layout } from './layouts/layout.js'
import { mlLayer1 } from './layouts/ml-layer-1.js'
import { ownBundle } from './layouts/own-bundle.js'
import { trainingRuns } from './layouts/training-runs.js'
import { describeBundle } from './load-bundle.js'
import { loadModel } from './load-model.js'
import type { ModelRules } from './model-rules.js'

/** Asked in this order; the first that recognises a folder reads it: runs may have any name, so whoever knows its folders by name is asked before. */
const layouts: readonly Layout[] = [foxml, mlLayer1, cryptoBot, trainingRuns, ownBundle]

/**
 * The models directory without symbolic links.
 * @throws Error with one clear sentence when it does not exist or cannot be read
 */
export async function openDirectory(directory: string): Promise<string> {
  try {
    const root = await realpath(directory)
    await readdir(root)
    return root
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const why = code === 'ENOENT' ? 'does not exist' : code === 'ENOTDIR' ? 'is no directory' : `cannot be read (${code ?? String(error)})`
    throw new Error(`the models directory ${directory} ${why}`, { cause: error })
  }
}

/**
 * The models of every folder, by name; also links that lead nowhere. Files, hidden folders, and folders that no layout recognises are passed over. Of
 * two models of one name the first, by path, keeps it; the other one is refused.
 */
export async function scanDirectory(rules: ModelRules): Promise<FoundBundle[]> {
  const entries = (await readdir(rules.root, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))
  const found = await Promise.all(entries.map((entry) => findIn(entry.name, rules, entry.isSymbolicLink())))
  return distinctNames(found.flat(), rules).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The models of one folder of the directory; none when it is hidden, a file, or a folder that no layout recognises. */
export async function scanFolder(name: string, rules: ModelRules): Promise<FoundBundle[]> {
  return distinctNames(await findIn(name, rules), rules)
}

async function findIn(name: string, rules: ModelRules, isLink = true): Promise<FoundBundle[]> {
  const path = join(rules.root, name)
  if (name.startsWith('.')) return []
  if (isLink && (await isDangling(path))) return [dangling(name, rules)]
  const folder = await openFolder(name, path)
  if (folder === undefined) return []
  for (const layout of layouts) {
    const found = await layout.find(folder, rules)
    if (found === undefined) continue
    return found.map(({ name, path, files, describe }): FoundBundle => {
      const source = { layout: layout.name, path }
      return {
        name,
        source,
        fingerprint: `${path}\n${fingerprint(files)}`,
        describe: async () => (await describe()).manifest,
        load: () => loadModel({ name, source }, describe, rules),
      }
    })
  }
  return []
}

async function openFolder(name: string, path: string): Promise<Folder | undefined> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return undefined
  const files = new Set<string>()
  const folders = new Set<string>()
  for (const entry of entries) {
    // Kubernetes mounts its volumes as links.
    const kind = entry.isSymbolicLink() ? await stat(join(path, entry.name)).catch(() => undefined) : entry
    if (kind?.isDirectory() === true) folders.add(entry.name)
    else files.add(entry.name)
  }
  return { name, path, files, folders }
}

function dangling(name: string, rules: ModelRules): FoundBundle {
  const source = { layout: 'bundle', path: name }
  const describe = () => describeBundle(name, rules)
  return {
    name,
    source,
    fingerprint: '',
    describe: async () => (await describe()).manifest,
    load: () => loadModel({ name, source }, describe, rules),
  }
}

/** Of what `readdir` listed only a link can lead nowhere. */
async function isDangling(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ELOOP',
  )
}
