import { readdirSync, rmSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { Problem } from '../errors.js'
import type { Store } from '../store/store.js'

export interface Snapshot {
  readonly path: string
  readonly nBytes: number
  /** Removes the copy. Call it in every case; never throws. */
  readonly remove: () => Promise<void>
}

export interface Snapshots {
  /**
   * Makes a copy of the database beside it.
   * @throws Problem `overloaded` while another copy is being made or read, `store-unavailable` when it cannot be made
   */
  make(): Promise<Snapshot>
}

/**
 * Copies of the database, one at a time, each in a folder of its own beside the file. What an earlier process left there when it was killed is
 * removed first: nobody else can use the folders while this process holds the database.
 * @param database path of the database; copies of one in memory lie in the folder for temporary files
 */
export function createSnapshots({ store, database }: { readonly store: Pick<Store, 'snapshot'>; readonly database: string }): Snapshots {
  const inMemory = database === ':memory:'
  const folder = inMemory ? tmpdir() : resolve(dirname(database))
  const prefix = inMemory ? 'barcast.snapshot-' : `${basename(database)}.snapshot-`
  if (!inMemory) {
    for (const name of readdirSync(folder)) if (name.startsWith(prefix)) rmSync(join(folder, name), { recursive: true, force: true })
  }
  let isBusy = false

  return {
    async make() {
      if (isBusy)
        throw new Problem('overloaded', 'A copy of the database is being made; ask again when it is done.', {}, { retryAfterSeconds: 5 })
      isBusy = true
      let own: string | undefined
      const remove = async () => {
        if (own !== undefined) await rm(own, { recursive: true, force: true }).catch(() => undefined)
        isBusy = false
      }
      try {
        own = await mkdtemp(join(folder, prefix))
        const path = join(own, 'copy.duckdb')
        await store.snapshot(path)
        const { size: nBytes } = await stat(path)
        return { path, nBytes, remove }
      } catch (cause) {
        await remove()
        if (cause instanceof Problem) throw cause
        throw new Problem(
          'store-unavailable',
          'The database cannot be copied now; nothing was changed.',
          {},
          { cause, retryAfterSeconds: 60 },
        )
      }
    },
  }
}
