import {
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
import type { DuckDBValue } from '@duckdb/node-api'
import { quoteName, quoteText } from './in-memory-duckdb.js'
import type { TableColumn, TableLayout, TableWriter } from './table-writer.js'

const types = { VARCHAR, DOUBLE, INTEGER, BOOLEAN, TIMESTAMP, 'DOUBLE[]': LIST(DOUBLE), 'VARCHAR[]': LIST(VARCHAR) } as const

/** DuckDB's own size of a block. */
const rowsPerChunk = 2_048

/** A table in a new DuckDB file, or as Parquet (compressed with Snappy, which every reader knows). NaN and ±∞ stay what they are. */
export async function createDuckdbWriter<Item>(
  path: string,
  { name, columns }: TableLayout<Item>,
  format: 'duckdb' | 'parquet',
): Promise<TableWriter<Item>> {
  const options = { threads: '1', autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' }
  const instance = await DuckDBInstance.create(
    format === 'duckdb' ? path : ':memory:',
    format === 'duckdb' ? options : { ...options, temp_directory: '' },
  )
  const connection = await instance.connect()
  await connection.run(
    `CREATE TABLE ${quoteName(name)} (${columns.map((column) => `${quoteName(column.name)} ${column.type}`).join(', ')})`,
  )
  const appender = await connection.createAppender(name)
  const columnTypes = columns.map(({ type }) => types[type])
  return { append, finish, abandon: () => Promise.resolve(letGo()) }

  async function append(items: readonly Item[]): Promise<void> {
    for (let from = 0; from < items.length; from += rowsPerChunk) {
      const block = items.slice(from, from + rowsPerChunk)
      const chunk = DuckDBDataChunk.create(columnTypes, block.length)
      columns.forEach((column, index) =>
        chunk.setColumnValues(
          index,
          block.map((item) => toCell(column, item)),
        ),
      )
      appender.appendDataChunk(chunk)
    }
    await Promise.resolve()
  }

  async function finish(): Promise<void> {
    appender.flushSync()
    if (format === 'parquet') await connection.run(`COPY ${quoteName(name)} TO ${quoteText(path)} (FORMAT parquet, COMPRESSION snappy)`)
    else await connection.run('CHECKPOINT')
    letGo()
  }

  function letGo(): void {
    appender.closeSync()
    connection.closeSync()
    instance.closeSync()
  }
}

function toCell<Item>({ type, of }: TableColumn<Item>, item: Item): DuckDBValue {
  const value = of(item)
  if (typeof value === 'number' && type === 'TIMESTAMP') return timestampValue(BigInt(Math.round(value * 1000)))
  return Array.isArray(value) ? listValue(value as DuckDBValue[]) : (value as DuckDBValue)
}
