import { BIGINT, INTEGER, LIST, listValue, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBListValue } from '@duckdb/node-api'
import type { CandleRevision } from '../candle-store.js'
import { timestamp } from './column-kinds.js'

/**
 * The predictions whose window holds a revised bar and that were made while its old values were current: their commit number lies from
 * the one that brought the old values up to, not including, the one that brought the new ones.
 */
export async function candleUsers(
  reader: DuckDBConnection,
  revisions: readonly CandleRevision[],
  cap: number,
): Promise<readonly { readonly count: number; readonly ids: readonly string[] }[]> {
  if (revisions.length === 0) return []
  const result = await reader.run(
    `WITH revised AS (
       SELECT unnest($1) AS symbol, unnest($2) AS timeframe, unnest($3) AS open_time, unnest($4) AS old_revision, unnest($5) AS new_revision,
              generate_subscripts($1, 1) AS nth)
     SELECT r.nth, count(*)::INTEGER, array_agg(p.id ORDER BY p.bar_time, p.id)[1:$6]
     FROM revised r JOIN predictions p
       ON p.symbol = r.symbol AND p.timeframe = r.timeframe
      AND p.revision >= r.old_revision AND p.revision < r.new_revision
      AND r.open_time BETWEEN p.input_first AND p.input_last
     WHERE p.source = 'candles' AND p.input_last >= list_min($3) AND p.input_first <= list_max($3)
     GROUP BY r.nth`,
    [
      listValue(revisions.map(({ symbol }) => symbol)),
      listValue(revisions.map(({ timeframe }) => timeframe)),
      listValue(revisions.map(({ openTimeMs }) => timestamp(openTimeMs))),
      listValue(revisions.map(({ oldRevision }) => BigInt(oldRevision))),
      listValue(revisions.map(({ revision }) => BigInt(revision))),
      cap,
    ],
    [LIST(VARCHAR), LIST(VARCHAR), LIST(TIMESTAMP), LIST(BIGINT), LIST(BIGINT), INTEGER],
  )
  const users = revisions.map(() => ({ count: 0, ids: [] as readonly string[] }))
  for (const [nth, count, ids] of await result.getRows()) {
    users[Number(nth) - 1] = { count: count as number, ids: (ids as DuckDBListValue).items as readonly string[] }
  }
  return users
}
