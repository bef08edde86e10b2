import type { DuckDBAppender, DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api'
import type { StoredPrediction } from '../store.js'
import { columns } from './columns.js'

/**
 * Up to this many rows go by one INSERT statement, which runs off the main thread and needs no BEGIN and COMMIT of its own; more
 * by the appender. Measured with 30 columns, commit included: 1 row 0.95 and 1.7 ms, 16 rows 1.9 and 2.1, 64 rows 6.1 and 3.3.
 */
const maxByStatement = 8

export interface Inserter {
  /** True when `insert` does its work in one statement, which is a transaction by itself. */
  isOneStatement(rows: number): boolean
  /** Adds rows on the inserter's connection; durable when its transaction is committed. */
  insert(rows: readonly StoredPrediction[], revision: number): Promise<void>
  close(): void
}

export function createInserter(connection: DuckDBConnection): Inserter {
  const statements = new Map<number, DuckDBPreparedStatement>()
  // One for all: each holds buffers of 2,048 rows until the garbage collector finds it (260 instead of 150 MB resident).
  let appender: DuckDBAppender | undefined

  return { isOneStatement, insert, close }

  async function insert(rows: readonly StoredPrediction[], revision: number): Promise<void> {
    if (isOneStatement(rows.length)) await byStatement(rows, revision)
    else await byAppender(rows, revision)
  }

  async function byStatement(rows: readonly StoredPrediction[], revision: number): Promise<void> {
    const statement = statements.get(rows.length) ?? (await connection.prepare(insertSql(rows.length)))
    statements.set(rows.length, statement)
    let parameter = 1
    for (const row of rows) {
      const kept = { ...row, revision }
      for (const column of columns) column.bind(statement, parameter++, kept)
    }
    await statement.run()
  }

  async function byAppender(rows: readonly StoredPrediction[], revision: number): Promise<void> {
    const open = (appender ??= await connection.createAppender('predictions'))
    try {
      for (const row of rows) {
        const kept = { ...row, revision }
        for (const column of columns) column.append(open, kept)
        open.endRow()
      }
      open.flushSync()
    } catch (error) {
      appender = undefined
      open.clear()
      open.closeSync()
      throw error
    }
  }

  function close(): void {
    for (const statement of statements.values()) statement.destroySync()
    statements.clear()
    appender?.closeSync()
    appender = undefined
  }
}

function isOneStatement(rows: number): boolean {
  return rows <= maxByStatement
}

function insertSql(rows: number): string {
  const row = `(${columns.map(() => '?').join(', ')})`
  return `INSERT INTO predictions VALUES ${new Array(rows).fill(row).join(', ')}`
}
