import { join } from 'node:path'
import { listFolders } from './list-folders.js'

/** A folder `family=<family>` of a FoxML run. */
export interface FamilyFolder {
  readonly target: string
  readonly symbol: string | undefined
  readonly family: string
  /** Below the run's root. */
  readonly path: string
  /** What tells it from others of the same family: target, and the levels above it where they are not the usual ones. */
  readonly nameParts: readonly string[]
}

const usualView = 'CROSS_SECTIONAL'
/** View, universe and symbol, and one level that nobody has thought of. */
const mostLevels = 4

/**
 * Every family of a run root, in the order of paths: `targets/<target>/models/view=<view>/[universe=<universe>/][symbol=<symbol>/]family=<family>/`.
 * Levels of other names are looked into, too: a model that is there is told of.
 * @param root absolute
 */
export async function findFamilies(root: string): Promise<FamilyFolder[]> {
  const targets = await listFolders(join(root, 'targets'))
  const found = await Promise.all(targets.map((target) => findBelow(root, target, [])))
  return found.flat()
}

async function findBelow(root: string, target: string, levels: readonly string[]): Promise<FamilyFolder[]> {
  const path = join('targets', target, 'models', ...levels)
  const found = await Promise.all(
    (await listFolders(join(root, path))).map(async (name) => {
      if (name.startsWith('family=')) return [familyFolder(target, levels, name.slice('family='.length), join(path, name))]
      return levels.length === mostLevels || name.startsWith('.') ? [] : findBelow(root, target, [...levels, name])
    }),
  )
  return found.flat()
}

function familyFolder(target: string, levels: readonly string[], family: string, path: string): FamilyFolder {
  const values = levels.map((level) => ({ key: /^([a-z]+)=/.exec(level)?.[1], value: level.replace(/^[a-z]+=/, '') }))
  const unusual = values.filter(({ key, value }) => key !== 'view' || value !== usualView)
  return {
    target,
    symbol: values.find(({ key }) => key === 'symbol')?.value,
    family,
    path,
    nameParts: [target, ...unusual.map(({ value }) => value), family],
  }
}
