import type { DuckDBAppender, DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api'
import type { Column } from './column.js'

/**
 * Up to this many rows go by one INSERT statement, which runs off the main thread and needs no BEGIN and COMMIT of its own; more
 * by the appender. CPU with 30 columns, commit included: 1 row 1.3 and 2.4 ms, 8 rows 2.9 and 3.0, 16 rows 3.1 and 3.1, 32 rows 4.1 and 4.2.
 */
const maxByStatement = 16

/** Texts differ by the number of rows and where nulls are; few are in use at a time. */
const maxStatements = 32

export interface Inserter<Row> {
  /** True when `insert` does its work in one statement, which is a transaction by itself. */
  isOneStatement(rows: number): boolean
  /** @throws TypeError when the table will not take one of the rows, which names the column */
  check(rows: readonly Row[]): void
  /** Adds rows on the inserter's connection; durable when its transaction is committed. */
  insert(rows: readonly Row[]): Promise<void>
  close(): void
}

/** @param columns all of the table's, in its order */
export function createInserter<Row>(connection: DuckDBConnection, table: string, columns: readonly Column<Row>[]): Inserter<Row> {
  const statements = new Map<string, DuckDBPreparedStatement>()
  // One for all: each holds buffers of 2,048 rows until the garbage collector finds it (260 instead of 150 MB resident).
  let appender: DuckDBAppender | undefined

  return { isOneStatement, check, insert, close }

  function check(rows: readonly Row[]): void {
    for (const row of rows) {
      const other = columns.find((column) => !column.fits(row))
      if (other !== undefined) throw new TypeError(`a row for ${table} has no ${other.sqlType} for ${other.name}`)
    }
  }

  async function insert(rows: readonly Row[]): Promise<void> {
    if (isOneStatement(rows.length)) await byStatement(rows)
    else await byAppender(rows)
  }

  async function byStatement(rows: readonly Row[]): Promise<void> {
    const statement = await prepared(insertSql(rows))
    let parameter = 1
    for (const row of rows) for (const column of columns) if (!column.isNull(row)) column.bind(statement, parameter++, row)
    await statement.run()
  }

  /**
   * A null is written into the statement: one that is bound has no type, and DuckDB plans a statement anew when types are not those that it
   * was planned for (0.34 against 0.86 ms of CPU for one row, without the commit).
   */
  function insertSql(rows: readonly Row[]): string {
    const values = rows.map((row) => `(${columns.map((column) => (column.isNull(row) ? 'NULL' : '?')).join(', ')})`)
    return `INSERT INTO ${table} VALUES ${values.join(', ')}`
  }

  async function prepared(sql: string): Promise<DuckDBPreparedStatement> {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = await connection.prepare(sql)
    if (statements.size >= maxStatements) forgetStatements()
    statements.set(sql, statement)
    return statement
  }

  function forgetStatements(): void {
    for (const statement of statements.values()) statement.destroySync()
    statements.clear()
  }

  async function byAppender(rows: readonly Row[]): Promise<void> {
    const open = (appender ??= await connection.createAppender(table))
    try {
      for (const row of rows) {
        for (const column of columns) column.append(open, row)
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
    forgetStatements()
    appender?.closeSync()
    appender = undefined
  }
}

function isOneStatement(rows: number): boolean {
  return rows <= maxByStatement
}
