import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { FeatureQuery, FeatureStore, StoredFeatures } from '../feature-store.js'
import { timestamp } from './column-kinds.js'
import { featureSelectList, readFeatures } from './find-features.js'
import type { Writing } from './writing.js'

export interface FeatureParts {
  readonly writing: Pick<Writing, 'read'>
  readonly keep: (rows: readonly StoredFeatures[]) => Promise<void>
}

/** The tables of `features-table.ts`. */
export function createDuckdbFeatures({ writing, keep }: FeatureParts): FeatureStore {
  return {
    keep,
    list: (query) => writing.read(({ reader }) => listFeatures(reader, query)),
    keys: () =>
      writing.read(async ({ reader }) => {
        const result = await reader.run(
          `SELECT feature_key, symbol, timeframe, count(*)::INTEGER, epoch_ms(min(bar_time))::DOUBLE, epoch_ms(max(bar_time))::DOUBLE
           FROM feature_rows GROUP BY feature_key, symbol, timeframe ORDER BY feature_key, symbol, timeframe`,
        )
        const rows = (await result.getRows()) as [string, string, string, number, number, number][]
        return rows.map(([featureKey, symbol, timeframe, nBars, firstMs, lastMs]) => ({
          featureKey,
          symbol,
          timeframe,
          nBars,
          firstMs,
          lastMs,
        }))
      }),
  }
}

/** One page, in two steps within one snapshot, as in `listPage`: first where it ends, then its rows, so that few wide rows are sorted. */
async function listFeatures(reader: DuckDBConnection, query: FeatureQuery): Promise<StoredFeatures[]> {
  const { order, limit } = query
  const { terms, values } = conditions(query)
  await reader.run('BEGIN')
  try {
    const ends = await reader.run(
      `SELECT bar_time FROM feature_rows WHERE ${terms.join(' AND ')} ORDER BY bar_time ${order} LIMIT 1 OFFSET ${limit - 1}`,
      values,
    )
    const [end] = await ends.getRows()
    if (end !== undefined) {
      terms.push(order === 'asc' ? 'bar_time <= ?' : 'bar_time >= ?')
      values.push(end[0] as DuckDBValue)
    }
    const page = await reader.run(
      `SELECT ${featureSelectList} FROM feature_rows WHERE ${terms.join(' AND ')}
       ORDER BY bar_time ${order}, feature_key, symbol, timeframe LIMIT ${limit}`,
      values,
    )
    return await readFeatures(reader, page)
  } finally {
    await reader.run('COMMIT').catch(() => undefined)
  }
}

function conditions({ featureKey, symbol, timeframe, fromMs, toMs, order, afterMs }: FeatureQuery) {
  const terms = ['true']
  const values: DuckDBValue[] = []
  const add = (term: string, bound: DuckDBValue) => {
    terms.push(term)
    values.push(bound)
  }
  if (featureKey !== undefined) add('feature_key = ?', featureKey)
  if (symbol !== undefined) add('symbol = ?', symbol)
  if (timeframe !== undefined) add('timeframe = ?', timeframe)
  if (fromMs !== undefined) add('bar_time >= ?', timestamp(fromMs))
  if (toMs !== undefined) add('bar_time <= ?', timestamp(toMs))
  if (afterMs !== undefined) add(order === 'asc' ? 'bar_time > ?' : 'bar_time < ?', timestamp(afterMs))
  return { terms, values }
}
