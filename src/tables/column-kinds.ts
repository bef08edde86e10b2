import type { DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { BIGINT, BOOLEAN, DOUBLE, INTEGER, LIST, listValue, TIMESTAMP, timestampValue, VARCHAR } from '@duckdb/node-api'

export type ColumnType = 'VARCHAR' | 'DOUBLE' | 'BIGINT' | 'INTEGER' | 'BOOLEAN' | 'TIMESTAMP' | 'DOUBLE[]' | 'VARCHAR[]'

/** How cells of one type go to DuckDB. */
export interface ColumnKind {
  /** Type of the column there, in SQL and for the binding. */
  readonly sql: string
  readonly type: DuckDBType
  readonly toCell: (value: never) => DuckDBValue
  /** What is written of a column to a Parquet file, when it is not what DuckDB holds. */
  readonly copied?: (name: string) => string
}

const same = (value: DuckDBValue) => value

/** The kinds of columns of a table that stays in DuckDB. */
export const tableKinds: Readonly<Record<ColumnType, ColumnKind>> = {
  VARCHAR: { sql: 'VARCHAR', type: VARCHAR, toCell: same },
  DOUBLE: { sql: 'DOUBLE', type: DOUBLE, toCell: same },
  BIGINT: { sql: 'BIGINT', type: BIGINT, toCell: (value: number | bigint) => BigInt(value) },
  INTEGER: { sql: 'INTEGER', type: INTEGER, toCell: same },
  BOOLEAN: { sql: 'BOOLEAN', type: BOOLEAN, toCell: same },
  TIMESTAMP: { sql: 'TIMESTAMP', type: TIMESTAMP, toCell: (epochMs: number) => timestampValue(BigInt(Math.round(epochMs * 1000))) },
  'DOUBLE[]': { sql: 'DOUBLE[]', type: LIST(DOUBLE), toCell: (values: ArrayLike<number>) => listValue(Array.from(values)) },
  'VARCHAR[]': { sql: 'VARCHAR[]', type: LIST(VARCHAR), toCell: (values: readonly string[]) => listValue(values) },
}

/** The kinds of columns of a table that leaves as Parquet. */
export const parquetKinds: Readonly<Record<ColumnType, ColumnKind>> = {
  ...tableKinds,
  // As one text each: lists of texts go to DuckDB text by text.
  'VARCHAR[]': {
    sql: 'VARCHAR',
    type: VARCHAR,
    toCell: (values: readonly string[]) => JSON.stringify(values),
    copied: (name) => `from_json(${name}, '["VARCHAR"]') AS ${name}`,
  },
}
