import { randomInt } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'

/** What the entries of the file's journal carry; undefined: it never had one. */
export async function readJournalToken(connection: DuckDBConnection): Promise<number | undefined> {
  const result = await connection.run("SELECT value::DOUBLE FROM progress WHERE name = 'journal'")
  return (await result.getRows())[0]?.[0] as number | undefined
}

/** Gives the file another token, so that a journal which is put beside it later, or was left by an older state of it, is not taken for its own. */
export async function renewJournalToken(connection: DuckDBConnection): Promise<number> {
  const token = randomInt(1, 2 ** 47)
  const moved = await connection.run("UPDATE progress SET value = ? WHERE name = 'journal'", [BigInt(token)])
  if (moved.rowsChanged === 0) await connection.run("INSERT INTO progress VALUES ('journal', ?)", [BigInt(token)])
  return token
}
