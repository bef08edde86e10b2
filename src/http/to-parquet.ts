import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ColumnType } from '../tables/column-kinds.js'
import { createDuckdbWriter } from '../tables/duckdb-writer.js'

/** One column of a table. `null` and `undefined` are missing values; NaN and ±∞ of doubles are values and stay what they are. */
export interface ParquetColumn {
  readonly name: string
  /** TIMESTAMP: epoch milliseconds in, UTC without a zone out. */
  readonly type: ColumnType
  readonly values: ArrayLike<unknown>
}

/**
 * A table as the bytes of a Parquet file. DuckDB writes it; the file that it needs on the way lies in a folder of its own that is gone afterwards.
 * @param nRows every column has so many values
 */
export async function toParquet(columns: readonly ParquetColumn[], nRows: number): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'barcast-parquet-'))
  try {
    const path = join(folder, 'table.parquet')
    const layout = { name: 'rows', columns: columns.map(({ name, type, values }) => ({ name, type, of: (row: number) => values[row] })) }
    const writer = await createDuckdbWriter(path, layout, 'parquet')
    try {
      await writer.append(Array.from({ length: nRows }, (_, row) => row))
    } catch (error) {
      await writer.abandon()
      throw error
    }
    await writer.finish()
    return await readFile(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
