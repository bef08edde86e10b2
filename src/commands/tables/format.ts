import { InputError } from '../input-error.js'

export const formats = ['csv', 'csv.gz', 'parquet', 'ndjson', 'duckdb'] as const
export type Format = (typeof formats)[number]

const byExtension: Readonly<Record<string, Format>> = {
  csv: 'csv',
  txt: 'csv',
  'csv.gz': 'csv.gz',
  'txt.gz': 'csv.gz',
  parquet: 'parquet',
  pq: 'parquet',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  duckdb: 'duckdb',
  ddb: 'duckdb',
  db: 'duckdb',
}

/**
 * What a file holds, by its name.
 * @throws InputError for a name that does not say
 */
export function formatOf(path: string): Format {
  const name = path.toLowerCase()
  const found = Object.entries(byExtension).find(([extension]) => name.endsWith(`.${extension}`))
  if (found !== undefined) return found[1]
  throw new InputError(
    `${path}: the format of a file is told by its name, which ends in ${Object.keys(byExtension)
      .map((end) => `.${end}`)
      .join(', ')}`,
  )
}
