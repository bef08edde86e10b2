import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addBundle, emptyDirectory } from './models-directory.js'

/** A bundle of which every version adds its own number to the score: the leaves of the first tree hold nothing else. */
export function versions(directory: string, name: string): (version: number) => void {
  const spare = emptyDirectory(directory, '../spare')
  const { path } = addBundle(directory, name)
  rmSync(join(path, 'golden.jsonl'))
  const whole = readFileSync(join(path, 'model.txt'), 'utf8')
  let written = 0
  return (version) => {
    const next = addBundle(spare, `next-${++written}`)
    rmSync(join(next.path, 'golden.jsonl'))
    writeFileSync(
      join(next.path, 'model.txt'),
      whole.replace(/^leaf_value=.*$/m, (line) => line.replace(/[^ =]+(?= |$)/g, String(version))).replace(/^tree_sizes=.*\n/m, ''),
    )
    next.editManifest({ version: String(version) })
    next.sign()
    // As a deployment should: whole, under its name at once.
    renameSync(path, join(spare, `old-${written}`))
    renameSync(next.path, path)
  }
}
