import type { DuckDBAppender, DuckDBPreparedStatement, DuckDBValue } from '@duckdb/node-api'
import { kinds } from './column-kinds.js'
import type { Values } from './column-kinds.js'

/** One column of a table whose rows are objects: how it is declared, written and read. */
export interface Column<Row> {
  readonly name: string
  readonly sqlType: string
  /** For people who open the file; kept in it as the column's comment. */
  readonly meaning: string
  readonly isNull: (row: Row) => boolean
  /** Whether the table will take the row's value. */
  readonly fits: (row: Row) => boolean
  readonly bind: (statement: DuckDBPreparedStatement, index: number, row: Row) => void
  readonly append: (appender: DuckDBAppender, row: Row) => void
  /** Puts a cell that DuckDB returned into the row that is being built. */
  readonly read: (cell: DuckDBValue, row: Record<string, unknown>) => void
}

type FieldOf<Row, T> = { [F in keyof Row]: Row[F] extends T ? F : never }[keyof Row] & string

/** What makes the columns of a table: the name there, the kind, the field of the row, the words beside it. */
export function columnsOf<Row>() {
  return <K extends keyof Values>(name: string, kind: K, field: FieldOf<Row, Values[K]>, meaning: string): Column<Row> => {
    const { sqlType, fits, bind, append, read } = kinds[kind]
    const value = (row: Row) => row[field] as unknown as Values[K]
    return {
      name,
      sqlType,
      meaning,
      isNull: (row) => row[field] === null,
      fits: (row) => fits(row[field]),
      bind: (statement, index, row) => bind(statement, index, value(row)),
      append: (appender, row) => append(appender, value(row)),
      read: (cell, row) => {
        row[field] = read(cell)
      },
    }
  }
}
