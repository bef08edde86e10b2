import { randomUUID } from 'node:crypto'
import { access, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteName, quoteText } from '../../quote-sql.js'
import { writeThrough } from './write-through.js'

/**
 * Copies the open database into a new file, as one transaction sees it, while others read and write. The copy is made beside the final
 * name and gets it once it is whole and written through to the disk.
 * @param connection used by nobody else
 * @throws Error when `path` exists already, or cannot be written
 */
export async function snapshot(connection: DuckDBConnection, path: string): Promise<void> {
  if (await exists(path)) throw new Error(`${path} exists already. Name a new file.`)
  const name = randomUUID().replaceAll('-', '')
  const partial = `${path}.${name}.partial`
  try {
    const [row] = await (await connection.run('SELECT current_database()')).getRows()
    await connection.run(`ATTACH ${quoteText(partial)} AS copy_${name}`)
    try {
      await connection.run(`COPY FROM DATABASE ${quoteName(row?.[0] as string)} TO copy_${name}`)
    } finally {
      await connection.run(`DETACH copy_${name}`)
    }
    await writeThrough(partial)
    if (await exists(path)) throw new Error(`${path} exists already. Name a new file.`)
    await rename(partial, path)
    await writeThrough(dirname(path))
  } finally {
    for (const rest of [partial, `${partial}.wal`]) await rm(rest, { force: true })
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
