import { LIST, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { timestamp } from './column-kinds.js'
import type { Superseded } from './link.js'

export interface Superseder {
  /** Writes into rows of the table who replaced them. */
  mark(superseded: readonly Superseded[]): Promise<void>
  close(): void
}

export async function createSuperseder(connection: DuckDBConnection): Promise<Superseder> {
  const statement = await connection.prepare(
    `UPDATE predictions SET superseded_by = list_extract($4, list_position($3, id))
     WHERE bar_time BETWEEN $1 AND $2 AND list_contains($3, id)`,
  )

  return { mark, close: () => statement.destroySync() }

  async function mark(superseded: readonly Superseded[]): Promise<void> {
    const times = superseded.map(({ old }) => old.barTimeMs).sort((a, b) => a - b)
    statement.bindTimestamp(1, timestamp(times[0] as number))
    statement.bindTimestamp(2, timestamp(times.at(-1) as number))
    statement.bindList(
      3,
      superseded.map(({ old }) => old.id),
      LIST(VARCHAR),
    )
    statement.bindList(
      4,
      superseded.map(({ by }) => by),
      LIST(VARCHAR),
    )
    await statement.run()
  }
}
