import { open, stat } from 'node:fs/promises'

/** Resolves when a file, or the names in a folder, are on the disk. */
export async function writeThrough(path: string): Promise<void> {
  const isFolder = (await stat(path)).isDirectory()
  // There a folder cannot be opened, and its names need nothing of the kind.
  if (isFolder && process.platform === 'win32') return
  const handle = await open(path, isFolder ? 'r' : 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
