import { readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Refusal } from './model.js'
import { Refused } from './refused.js'

export interface BundleFile {
  /** The models directory, with no symbolic link in it. */
  readonly root: string
  readonly bundle: string
  readonly file: string
  readonly maxBytes: number
  /** What a file that cannot be used is refused as. */
  readonly refusal: Refusal
}

/**
 * The bytes of one file of a bundle; undefined when there is none. Symbolic links are followed as long as they stay inside the models
 * directory (as Kubernetes mounts its volumes).
 * @throws Refused when it is no ordinary file, larger than `maxBytes`, outside the directory or unreadable
 */
export async function readBundleFile({ root, bundle, file, maxBytes, refusal }: BundleFile): Promise<Uint8Array | undefined> {
  try {
    const path = await realpath(join(root, bundle, file))
    if (!path.startsWith(root + sep))
      throw new Refused(refusal, `${file} is a link that leaves the models directory; copy the file instead`)
    const { size, isFile } = await stat(path).then((stats) => ({ size: stats.size, isFile: stats.isFile() }))
    if (!isFile) throw new Refused(refusal, `${file} is no ordinary file`)
    if (size > maxBytes) throw new Refused(refusal, `${file} has ${size} bytes, at most ${maxBytes} are read`)
    return await readFile(path)
  } catch (error) {
    if (error instanceof Refused) throw error
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return undefined
    throw new Refused(refusal, `${file} cannot be read (${code ?? 'unknown error'})`, {}, { cause: error })
  }
}
