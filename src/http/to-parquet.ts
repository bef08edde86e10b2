import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBInstance,
  INTEGER,
  LIST,
  listValue,
  TIMESTAMP,
  timestampValue,
  VARCHAR,
} from '@duckdb/node-api'
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api'

/** One column of a table. `null` and `undefined` are missing values; NaN and ±∞ of doubles are values and stay what they are. */
export interface ParquetColumn {
  readonly name: string
  /** TIMESTAMP: epoch milliseconds in, UTC without a zone out. */
  readonly type: ParquetType
  readonly values: ArrayLike<unknown>
}

export type ParquetType = 'VARCHAR' | 'DOUBLE' | 'BIGINT' | 'INTEGER' | 'BOOLEAN' | 'TIMESTAMP' | 'DOUBLE[]' | 'VARCHAR[]'

/**
 * A table as the bytes of a Parquet file: one file, compressed with Snappy, which every reader knows (base hyparquet has no zstd).
 * DuckDB writes it; the file that it needs on the way lies in a folder of its own that is gone afterwards.
 * @param nRows every column has so many values
 */
export async function toParquet(columns: readonly ParquetColumn[], nRows: number): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'barcast-parquet-'))
  try {
    const path = join(folder, 'table.parquet')
    await write(columns, nRows, path)
    return await readFile(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function write(columns: readonly ParquetColumn[], nRows: number, path: string): Promise<void> {
  // One thread: two would put the rows out of order, and the other core belongs to the requests.
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', temp_directory: '' })
  try {
    const connection = await instance.connect()
    try {
      const types = columns.map(({ type }) => kinds[type].type)
      await connection.run(`CREATE TABLE rows (${columns.map(({ name, type }) => `${quoted(name)} ${kinds[type].sql}`).join(', ')})`)
      const appender = await connection.createAppender('rows')
      for (let from = 0; from < nRows; from += rowsPerChunk) {
        appender.appendDataChunk(chunkOf(columns, types, from, Math.min(rowsPerChunk, nRows - from)))
        // Other work gets its turn between the blocks.
        await new Promise((resolve) => setImmediate(resolve))
      }
      appender.closeSync()
      const list = columns.map(({ name, type }) => kinds[type].copied?.(quoted(name)) ?? quoted(name)).join(', ')
      await connection.run(`COPY (SELECT ${list} FROM rows) TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION snappy)`)
    } finally {
      connection.closeSync()
    }
  } finally {
    instance.closeSync()
  }
}

function chunkOf(columns: readonly ParquetColumn[], types: readonly DuckDBType[], from: number, nRows: number): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(types, nRows)
  columns.forEach(({ type, values }, c) => {
    const { toCell } = kinds[type]
    const cells = Array.from({ length: nRows }, (_, row): DuckDBValue => {
      const value = values[from + row]
      return value === null || value === undefined ? null : toCell(value as never)
    })
    chunk.setColumnValues(c, cells)
  })
  return chunk
}

/** DuckDB's own size of a block. */
const rowsPerChunk = 2_048

interface Kind {
  /** Type of the column on the way, in SQL and for the binding. */
  readonly sql: string
  readonly type: DuckDBType
  readonly toCell: (value: never) => DuckDBValue
  /** What is written of a column, when it is not what it is on the way. */
  readonly copied?: (name: string) => string
}

const same = (value: DuckDBValue) => value

const kinds: Readonly<Record<ParquetType, Kind>> = {
  VARCHAR: { sql: 'VARCHAR', type: VARCHAR, toCell: same },
  DOUBLE: { sql: 'DOUBLE', type: DOUBLE, toCell: same },
  BIGINT: { sql: 'BIGINT', type: BIGINT, toCell: (value: number | bigint) => BigInt(value) },
  INTEGER: { sql: 'INTEGER', type: INTEGER, toCell: same },
  BOOLEAN: { sql: 'BOOLEAN', type: BOOLEAN, toCell: same },
  TIMESTAMP: { sql: 'TIMESTAMP', type: TIMESTAMP, toCell: (epochMs: number) => timestampValue(BigInt(epochMs) * 1000n) },
  'DOUBLE[]': { sql: 'DOUBLE[]', type: LIST(DOUBLE), toCell: (values: ArrayLike<number>) => listValue(Array.from(values)) },
  // As one text each: lists of texts go to DuckDB text by text.
  'VARCHAR[]': {
    sql: 'VARCHAR',
    type: VARCHAR,
    toCell: (values: readonly string[]) => JSON.stringify(values),
    copied: (name: string) => `from_json(${name}, '["VARCHAR"]') AS ${name}`,
  },
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
