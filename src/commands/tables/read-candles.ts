import { Problem } from '../../errors.js'
import type { Submission } from '../../candles/submission.js'
import { InputError } from '../input-error.js'
import { formatOf } from './format.js'

export interface CandleFile {
  readonly path: string
  /** Table or view of a DuckDB file. */
  readonly table: string | undefined
}

/**
 * Candles of a file: CSV, CSV in gzip, Parquet, or a table of a DuckDB file, which is only read. Columns are named as in POST /predict, in any
 * case; when none names the time, the first column is it.
 * @throws InputError with the line or row of the first cell that is not usable
 */
export async function readCandles({ path, table }: CandleFile): Promise<Submission> {
  const format = table === undefined ? formatOf(path) : 'duckdb'
  try {
    switch (format) {
      case 'csv':
      case 'csv.gz':
        return await (await import('./read-csv-candles.js')).readCsvCandles(path)
      case 'parquet':
      case 'duckdb':
        return await (await import('./read-duckdb-candles.js')).readDuckdbCandles({ path, format, table })
      case 'ndjson':
        throw new InputError('NDJSON is written, but not read; use CSV or Parquet')
    }
  } catch (error) {
    if (error instanceof Problem || error instanceof InputError) throw new InputError(`${path}: ${error.message}`, { cause: error })
    throw error
  }
}
