import type { DuckDBConnection } from '@duckdb/node-api'
import { nearestName } from '../../nearest-name.js'
import { InputError } from '../input-error.js'
import { quoteName } from '../../quote-sql.js'

/**
 * A table or view of an attached database as SQL text, found by the name that somebody gave: `name` or `schema.name`, in any case. Without a name
 * the only one there is.
 * @param option what names another table, for messages
 * @throws InputError with the names that there are
 */
export async function findTable(
  connection: DuckDBConnection,
  database: string,
  wanted: string | undefined,
  option = '--table',
): Promise<string> {
  const result = await connection.run(
    `SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = $1 AND NOT internal
     UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = $1 AND NOT internal ORDER BY 1, 2`,
    [database],
  )
  const tables = (await result.getRows()).map(([schema, name]) => ({ schema: String(schema), name: String(name) }))
  const written = tables.map(({ schema, name }) => (schema === 'main' ? name : `${schema}.${name}`))
  const index = wanted === undefined ? (tables.length === 1 ? 0 : -1) : find(written, wanted)
  const found = tables[index]
  if (found !== undefined) return [database, found.schema, found.name].map(quoteName).join('.')
  if (tables.length === 0) throw new InputError('it has no tables')
  if (wanted === undefined) throw new InputError(`it has several tables; ${option} names one: ${listing(written)}`)
  const nearest = nearestName(wanted, written)
  throw new InputError(
    `it has no table ${wanted}${nearest === null ? '' : `; the nearest is ${nearest}`}. There are: ${listing(written)}; ${option} names one`,
  )
}

function find(written: readonly string[], wanted: string): number {
  const exact = written.indexOf(wanted)
  return exact >= 0 ? exact : written.findIndex((name) => name.toLowerCase() === wanted.toLowerCase())
}

function listing(names: readonly string[]): string {
  return names.slice(0, 20).join(', ') + (names.length > 20 ? ', …' : '')
}
