import { open } from 'node:fs/promises'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { InputError } from '../input-error.js'
import { quoteName, quoteText, withDuckdb } from '../tables/in-memory-duckdb.js'
import { parseFeatures } from './parse-features.js'

/** The features of one bar, as they will be scored. */
export interface UserFeatures {
  readonly barTimeMs: number
  readonly featureKey: string
  /** NaN where missing. */
  readonly values: ReadonlyMap<string, number>
}

/** A user's table `features` (feature_key, ts, features as JSON, created_at), read-only. Times are open times, epoch milliseconds. */
export interface FeatureTable {
  /** Bars in a range, inclusive, that have a row: of the key, or of any. Rising. */
  bars(fromMs: number, toMs: number): Promise<number[]>
  /**
   * The row of each of some bars: of the key; without one the newest `created_at` of any key, of equally new ones the first key by the alphabet.
   * Rising.
   */
  rows(barsMs: readonly number[]): Promise<UserFeatures[]>
}

/**
 * Runs work on the features of a DuckDB file.
 * @throws InputError when the file or its table cannot be read
 */
export async function withUserFeatures<T>(
  path: string,
  featureKey: string | undefined,
  work: (table: FeatureTable) => Promise<T>,
): Promise<T> {
  await (await open(path)).close()
  return withDuckdb(async (connection) => {
    const relation = await attach(connection, path)
    const wanted = featureKey === undefined ? 'true' : `feature_key = ${quoteText(featureKey)}`
    const stamp = 'epoch_ms(ts::TIMESTAMP)::DOUBLE'
    const ask = async (sql: string) => (await connection.run(sql)).getRows()
    return work({
      bars: async (fromMs, toMs) =>
        (await ask(`SELECT DISTINCT ${stamp} FROM ${relation} WHERE ${wanted} AND ${stamp} BETWEEN ${fromMs} AND ${toMs} ORDER BY 1`)).map(
          ([ms]) => ms as number,
        ),
      rows: async (barsMs) => {
        const rows = await ask(
          `SELECT DISTINCT ON (ts) ${stamp}, feature_key, features::VARCHAR FROM ${relation}
           WHERE ${wanted} AND ${stamp} IN (${barsMs.join(', ') || 'NULL'}) ORDER BY ts, created_at DESC NULLS LAST, feature_key`,
        )
        return rows.map((row) => toFeatures(path, row))
      },
    })
  })
}

async function attach(connection: DuckDBConnection, path: string): Promise<string> {
  try {
    await connection.run(`ATTACH ${quoteText(path)} AS user_features (READ_ONLY)`)
    const described = await (await connection.run('DESCRIBE user_features.main.features')).getRows()
    const names = described.map(([name]) => String(name).toLowerCase())
    const missing = ['feature_key', 'ts', 'features', 'created_at'].filter((name) => !names.includes(name))
    if (missing.length > 0) throw new InputError(`${path}: its table features has no column ${missing.join(', ')}`)
    return ['user_features', 'main', 'features'].map(quoteName).join('.')
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${path}: ${(error as Error).message.split('\n')[0]!}`, { cause: error })
  }
}

function toFeatures(path: string, [ms, key, text]: readonly DuckDBValue[]): UserFeatures {
  const barTimeMs = ms as number
  try {
    return { barTimeMs, featureKey: String(key), values: parseFeatures(String(text)) }
  } catch (error) {
    const where = `${path}: the features of ${new Date(barTimeMs).toISOString()} under the key ${String(key)}`
    throw new InputError(`${where} are no object of numbers: ${(error as Error).message}`, { cause: error })
  }
}
