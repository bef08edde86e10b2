import { setImmediate } from 'node:timers/promises'
import { DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBValue } from '@duckdb/node-api'
import { quoteName, quoteText } from '../quote-sql.js'
import { type ColumnKind, type ColumnType, parquetKinds, tableKinds } from './column-kinds.js'

/** One column of a table. `null` and `undefined` are missing values; NaN and ±∞ of doubles are values and stay what they are. */
export interface DuckdbColumn<Item> {
  readonly name: string
  /** TIMESTAMP: epoch milliseconds in, UTC without a zone out. */
  readonly type: ColumnType
  readonly of: (item: Item) => unknown
}

/** Writes rows in their order. Whoever made it either finishes or abandons it. */
export interface DuckdbWriter<Item> {
  append(items: readonly Item[]): Promise<void>
  /** The file is whole when it resolves. */
  finish(): Promise<void>
  /** Lets go of the file; what was written is of no use. */
  abandon(): Promise<void>
}

/** DuckDB's own size of a block. */
const rowsPerChunk = 2_048

/**
 * A table in a new DuckDB file, or as one Parquet file, compressed with Snappy, which every reader knows (base hyparquet has no zstd). DuckDB has one
 * thread: two would put the rows out of order, and the other core belongs to the requests.
 */
export async function createDuckdbWriter<Item>(
  path: string,
  { name, columns }: { readonly name: string; readonly columns: readonly DuckdbColumn<Item>[] },
  format: 'duckdb' | 'parquet',
): Promise<DuckdbWriter<Item>> {
  const kinds = columns.map(({ type }) => (format === 'duckdb' ? tableKinds : parquetKinds)[type])
  const types = kinds.map(({ type }) => type)
  const options = { threads: '1', autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' }
  const instance = await DuckDBInstance.create(
    format === 'duckdb' ? path : ':memory:',
    format === 'duckdb' ? options : { ...options, temp_directory: '' },
  )
  const connection = await instance.connect()
  await connection.run(
    `CREATE TABLE ${quoteName(name)} (${columns.map((column, c) => `${quoteName(column.name)} ${kinds[c]!.sql}`).join(', ')})`,
  )
  const appender = await connection.createAppender(name)
  return { append, finish, abandon: () => Promise.resolve(letGo()) }

  async function append(items: readonly Item[]): Promise<void> {
    for (let from = 0; from < items.length; from += rowsPerChunk) {
      const block = items.length <= rowsPerChunk ? items : items.slice(from, from + rowsPerChunk)
      const chunk = DuckDBDataChunk.create(types, block.length)
      columns.forEach((column, c) => chunk.setColumnValues(c, cellsOf(block, column, kinds[c]!)))
      appender.appendDataChunk(chunk)
      // Other work gets its turn between the blocks.
      await setImmediate()
    }
  }

  async function finish(): Promise<void> {
    try {
      appender.flushSync()
      const copied = columns.map((column, c) => kinds[c]!.copied?.(quoteName(column.name)) ?? quoteName(column.name)).join(', ')
      await connection.run(
        format === 'duckdb'
          ? 'CHECKPOINT'
          : `COPY (SELECT ${copied} FROM ${quoteName(name)}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION snappy)`,
      )
    } finally {
      letGo()
    }
  }

  function letGo(): void {
    appender.closeSync()
    connection.closeSync()
    instance.closeSync()
  }
}

function cellsOf<Item>(items: readonly Item[], { of }: DuckdbColumn<Item>, { toCell }: ColumnKind): DuckDBValue[] {
  return items.map((item) => {
    const value = of(item)
    return value === null || value === undefined ? null : toCell(value as never)
  })
}
