import { existsSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { InputError } from '../input-error.js'

/** A file in the making: under its own name it appears whole or not at all. */
export interface Replacement {
  /** Where to write meanwhile, in the same folder. */
  readonly temporary: string
  /** Makes it durable and gives it its name. */
  keep(): Promise<void>
  /** Removes what was written. Never throws; after `keep` it does nothing. */
  discard(): Promise<void>
}

/**
 * @param force replace a file that is there
 * @throws InputError when there is one, and `force` is not set
 */
export async function replacement(path: string, force: boolean): Promise<Replacement> {
  refuseExisting(path, force)
  await mkdir(dirname(path), { recursive: true })
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.partial`)
  await removeAll(temporary)
  return { temporary, keep, discard: () => removeAll(temporary).catch(() => undefined) }

  async function keep(): Promise<void> {
    refuseExisting(path, force)
    const file = await open(temporary, 'r')
    await file.sync().finally(() => file.close())
    await rename(temporary, path)
  }
}

function refuseExisting(path: string, force: boolean): void {
  if (!force && existsSync(path)) throw new InputError(`${path} exists already; --force replaces it`)
}

/** DuckDB keeps a log beside its file until it is closed. */
async function removeAll(temporary: string): Promise<void> {
  for (const path of [temporary, `${temporary}.wal`]) await rm(path, { force: true })
}
