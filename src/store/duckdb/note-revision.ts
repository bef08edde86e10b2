import type { DuckDBConnection } from '@duckdb/node-api'

/** Notes the number of a commit whose rows may carry none, within its transaction, so that no later process uses it again. */
export async function noteRevision(writer: DuckDBConnection, revision: number): Promise<void> {
  await writer.run("UPDATE progress SET value = ? WHERE name = 'commits'", [BigInt(revision)])
}
