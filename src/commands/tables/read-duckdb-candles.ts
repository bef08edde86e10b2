import { open } from 'node:fs/promises'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { type Column, columnOf, columns } from '../../candles/column.js'
import { nameColumns } from '../../candles/name-columns.js'
import { badCell, parseCell } from '../../candles/parse-cell.js'
import { allocateBars, type Submission, submit } from '../../candles/submission.js'
import { InputError } from '../input-error.js'
import { findTable } from './find-table.js'
import { quoteName, quoteText } from '../../quote-sql.js'
import { withDuckdb } from './in-memory-duckdb.js'

export interface Source {
  readonly path: string
  readonly format: 'parquet' | 'duckdb'
  readonly table: string | undefined
}

/**
 * Candles of a Parquet file or of a table in a DuckDB file, which is opened read-only.
 * @throws InputError, or Problem `invalid-request` with the row
 */
export async function readDuckdbCandles({ path, format, table }: Source): Promise<Submission> {
  await (await open(path)).close()
  return withDuckdb(async (connection) => {
    try {
      if (format === 'parquet') return await readRelation(connection, `read_parquet(${quoteText(path)})`)
      await connection.run(`ATTACH ${quoteText(path)} AS source (READ_ONLY)`)
      return await readRelation(connection, await findTable(connection, 'source', table))
    } catch (error) {
      throw whyNot(error)
    }
  })
}

async function readRelation(connection: DuckDBConnection, relation: string): Promise<Submission> {
  const described = await (await connection.run(`DESCRIBE SELECT * FROM ${relation}`)).getRows()
  const names = described.map(([name]) => String(name))
  const types = described.map(([, type]) => String(type))
  const at = nameColumns(nameFirst(names), 'the header')
  const selected = columns.map((column) => cellOf(column, quoteName(names[at[column]]!), types[at[column]]!))
  const counted = await (await connection.run(`SELECT count(*)::DOUBLE FROM ${relation}`)).getRows()
  const nRows = counted[0]![0] as number
  if (nRows === 0) throw new InputError('there are no candles in it')

  const bars = allocateBars(nRows)
  const place = (row: number, column: Column) => `row ${row + 1}, column ${names[at[column]]}`
  const result = await connection.stream(`SELECT ${selected.join(', ')} FROM ${relation}`)
  let filled = 0
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    columns.forEach((column, index) => {
      const cells: readonly DuckDBValue[] = chunk.getColumnValues(index)
      cells.forEach((cell, row) => {
        const number = parseCell(column, cell)
        if (Number.isNaN(number)) throw badCell(column, cell, place(filled + row, column))
        bars[column][filled + row] = number
      })
    })
    filled += chunk.rowCount
  }
  return submit(bars, place)
}

/** When no column names the time, the first one is it. */
function nameFirst(names: readonly string[]): readonly string[] {
  const hasTime = names.some((name) => columnOf(name) === 'timestamp')
  return hasTime || columnOf(names[0] ?? 'open') !== undefined ? names : ['timestamp', ...names.slice(1)]
}

/** A stamp as epoch milliseconds (without a zone: UTC), a number as float64, everything else as text that is parsed like a cell of a CSV. */
function cellOf(column: Column, name: string, type: string): string {
  if (column === 'timestamp' && /^(TIMESTAMP|DATE)/.test(type))
    return `epoch_us(${type === 'DATE' ? `${name}::TIMESTAMP` : name})::DOUBLE / 1000`
  if (/INT|^(FLOAT|DOUBLE|DECIMAL)/.test(type)) return `${name}::DOUBLE`
  return `${name}::VARCHAR`
}

function whyNot(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error)
  if (/set lock/i.test(message)) {
    const holder = /held in (.*?) ?\(PID (\d+)\)/.exec(message)
    return new InputError(
      `it is held by another process${holder === null ? '' : `: ${holder[1]}, PID ${holder[2]}`}, and cannot be read meanwhile`,
      {
        cause: error,
      },
    )
  }
  if (
    /not a valid DuckDB|No magic bytes|too small to be a Parquet|Invalid Input Error|Binder Error|Conversion Error|IO Error|Serialization Error/.test(
      message,
    )
  ) {
    return new InputError(message.replaceAll(/\s+/g, ' ').trim(), { cause: error })
  }
  return error
}
