import { stat } from 'node:fs/promises'
import type { Config } from '../config.js'
import { InputError } from './input-error.js'

/**
 * One file must not be opened twice in one process, and the service's own is the service's business.
 * @throws InputError when the path is the database that BARCAST_DATABASE names
 */
export async function refuseOwnDatabase(path: string, { database }: Config): Promise<void> {
  const [file, own] = await Promise.all([path, database].map((name) => stat(name).catch(() => undefined)))
  if (file !== undefined && own !== undefined && file.ino === own.ino && file.dev === own.dev) {
    throw new InputError(`${path} is barcast's own database. Export from it, or make a snapshot and use that.`)
  }
}
