import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Names of the folders in a folder, sorted, links to folders among them; none when it cannot be read. */
export async function listFolders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  const names = await Promise.all(
    entries.map(async (entry) => {
      const isFolder =
        entry.isDirectory() ||
        (entry.isSymbolicLink() && (await stat(join(path, entry.name)).catch(() => undefined))?.isDirectory() === true)
      return isFolder ? [entry.name] : []
    }),
  )
  return names.flat().sort()
}
