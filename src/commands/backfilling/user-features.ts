import { open } from 'node:fs/promises'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { quoteText } from '../../quote-sql.js'
import { InputError } from '../input-error.js'
import { findTable } from '../tables/find-table.js'
import { withDuckdb } from '../tables/in-memory-duckdb.js'
import { type ParsedFeatures, parseFeatures } from './parse-features.js'

/** The features of one bar, as they will be scored. */
export interface UserFeatures extends ParsedFeatures {
  readonly barTimeMs: number
  readonly featureKey: string
  /** Why nothing can be read from the row; then it has no values. */
  readonly problem?: string
}

/** A user's table of features (feature_key, ts, features as JSON, created_at), read-only. Times are open times, epoch milliseconds. */
export interface FeatureTable {
  /** Rows of the key, or of any, whose `ts` is no time: they are of no bar. */
  readonly timeless: number
  /** Bars in a range, inclusive, that have a row: of the key, or of any. Rising. */
  bars(fromMs: number, toMs: number): Promise<number[]>
  /**
   * The row of each of some bars: of the key; without one the newest `created_at` of any key, of equally new ones the first key by the alphabet.
   * Rising.
   */
  rows(barsMs: readonly number[]): Promise<UserFeatures[]>
  /** Keys of those rows, each with how many of them it has; by the alphabet. */
  keys(barsMs: readonly number[]): Promise<{ key: string; count: number }[]>
}

export interface UserFeaturesFile {
  readonly path: string
  /** `features` when it is not given. */
  readonly table: string | undefined
  readonly featureKey: string | undefined
}

/**
 * Runs work on the features of a DuckDB file.
 * @throws InputError when the file or its table cannot be read
 */
export async function withUserFeatures<T>(
  { path, table = 'features', featureKey }: UserFeaturesFile,
  work: (table: FeatureTable) => Promise<T>,
): Promise<T> {
  await (await open(path)).close()
  return withDuckdb(async (connection) => {
    const relation = await attach(connection, path, table)
    const wanted = featureKey === undefined ? 'true' : `feature_key = ${quoteText(featureKey)}`
    const stamp = 'epoch_ms(try_cast(ts AS TIMESTAMP))::DOUBLE'
    const ask = async (sql: string) => (await connection.run(sql)).getRows()
    const newest = (barsMs: readonly number[]) =>
      `SELECT DISTINCT ON (bar) ${stamp} AS bar, feature_key, features::VARCHAR AS features FROM ${relation}
       WHERE ${wanted} AND ${stamp} IN (${barsMs.join(', ') || 'NULL'}) ORDER BY bar, created_at DESC NULLS LAST, feature_key`
    const timeless = await ask(`SELECT count(*)::DOUBLE FROM ${relation} WHERE ${wanted} AND ${stamp} IS NULL`)
    return work({
      timeless: timeless[0]![0] as number,
      bars: async (fromMs, toMs) =>
        (await ask(`SELECT DISTINCT ${stamp} FROM ${relation} WHERE ${wanted} AND ${stamp} BETWEEN ${fromMs} AND ${toMs} ORDER BY 1`)).map(
          ([ms]) => ms as number,
        ),
      rows: async (barsMs) => (await ask(newest(barsMs))).map(toFeatures),
      keys: async (barsMs) => {
        const counted = await ask(`SELECT feature_key, count(*)::DOUBLE FROM (${newest(barsMs)}) GROUP BY 1 ORDER BY 1`)
        return counted.map(([key, count]) => ({ key: String(key), count: count as number }))
      },
    })
  })
}

async function attach(connection: DuckDBConnection, path: string, table: string): Promise<string> {
  try {
    await connection.run(`ATTACH ${quoteText(path)} AS user_features (READ_ONLY)`)
    const relation = await findTable(connection, 'user_features', table, '--features-table')
    const described = await (await connection.run(`DESCRIBE ${relation}`)).getRows()
    const names = described.map(([name]) => String(name).toLowerCase())
    const missing = ['feature_key', 'ts', 'features', 'created_at'].filter((name) => !names.includes(name))
    if (missing.length > 0)
      throw new InputError(`its table ${table} has no column ${missing.join(', ')}; --features-table names another table`)
    return relation
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message.split('\n')[0]!}`, { cause: error })
  }
}

function toFeatures([ms, key, text]: readonly DuckDBValue[]): UserFeatures {
  const row = { barTimeMs: ms as number, featureKey: String(key) }
  try {
    return { ...row, ...parseFeatures(String(text)) }
  } catch (error) {
    const problem = `the features under the key ${row.featureKey} are no JSON object: ${(error as Error).message}`
    return { ...row, values: new Map(), others: new Map(), problem: problem.replaceAll(/\s+/g, ' ') }
  }
}
