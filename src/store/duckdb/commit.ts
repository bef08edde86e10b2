import type { NewPrediction } from '../store.js'
import type { Database } from './database.js'
import { isDurable } from './failure.js'
import { link } from './link.js'
import type { Links } from './link.js'

/**
 * Records predictions in one transaction: known ids and superseded rows are looked up, new rows added, links updated, committed.
 * When nothing is new, nothing is written.
 */
export async function commit(database: Database, handedIn: readonly NewPrediction[]): Promise<Links['recorded']> {
  const { recent, lookup } = database
  const remembered = handedIn.map((row) => recent.kept(row))
  const asked = handedIn.filter((_, k) => remembered[k] === undefined)
  const kept = [...(await lookup.kept(asked)), ...remembered.flatMap((rows) => rows ?? [])]
  const links = link(handedIn, kept)
  if (links.added.length > 0) await write(database, links)
  return links.recorded
}

async function write(database: Database, links: Links): Promise<void> {
  const revision = database.revision + 1
  try {
    await transact(database, links, revision)
  } catch (cause) {
    if (!isDurable(cause)) throw cause
    database.broken = true
  }
  database.revision = revision
  database.recent.add(links.added)
}

async function transact({ writer, inserter, superseder }: Database, { added, superseded }: Links, revision: number): Promise<void> {
  if (superseded.length === 0 && inserter.isOneStatement(added.length)) return inserter.insert(added, revision)
  await writer.run('BEGIN')
  try {
    await inserter.insert(added, revision)
    if (superseded.length > 0) await superseder.mark(superseded)
    await writer.run('COMMIT')
  } catch (cause) {
    await writer.run('ROLLBACK').catch(() => undefined)
    throw cause
  }
}
