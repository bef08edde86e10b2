import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { Bar, CandleRevision, RevisionQuery } from '../candle-store.js'
import { timestamp } from './column-kinds.js'

const bar = (table: string) => ['open', 'high', 'low', 'close', 'volume'].map((name) => `${table}.${name}`).join(', ')

/** Revisions, the newest first: rows that replaced others, each beside the one that it replaced. */
export async function listRevisions(reader: DuckDBConnection, query: RevisionQuery): Promise<CandleRevision[]> {
  const { symbol, timeframe, fromMs, toMs, limit, after } = query
  const terms = ['n.replaces IS NOT NULL']
  const values: DuckDBValue[] = []
  const add = (term: string, ...bound: DuckDBValue[]) => {
    terms.push(term)
    values.push(...bound)
  }
  if (symbol !== undefined) add('n.symbol = ?', symbol)
  if (timeframe !== undefined) add('n.timeframe = ?', timeframe)
  if (fromMs !== undefined) add('n.open_time >= ?', timestamp(fromMs))
  if (toMs !== undefined) add('n.open_time <= ?', timestamp(toMs))
  if (after !== undefined) {
    const revision = BigInt(after.revision)
    add('(n.revision < ? OR (n.revision = ? AND n.open_time < ?))', revision, revision, timestamp(after.openTimeMs))
  }
  const result = await reader.run(
    `SELECT n.symbol, n.timeframe, epoch_ms(n.open_time)::DOUBLE, ${bar('o')}, ${bar('n')},
            epoch_ms(n.recorded_at)::DOUBLE, o.revision::DOUBLE, n.revision::DOUBLE
     FROM (SELECT * FROM candles n WHERE ${terms.join(' AND ')} ORDER BY n.revision DESC, n.open_time DESC LIMIT ${limit}) n
     JOIN candles o ON o.symbol = n.symbol AND o.timeframe = n.timeframe AND o.open_time = n.open_time AND o.revision = n.replaces
     ORDER BY n.revision DESC, n.open_time DESC`,
    values,
  )
  return (await result.getRows()).map(([symbol, timeframe, openTimeMs, ...rest]) => {
    const numbers = rest as number[]
    const [recordedAtMs, oldRevision, revision] = numbers.slice(10) as [number, number, number]
    return {
      symbol: symbol as string,
      timeframe: timeframe as string,
      openTimeMs: openTimeMs as number,
      old: toBar(numbers),
      new: toBar(numbers.slice(5)),
      recordedAtMs,
      oldRevision,
      revision,
    }
  })
}

function toBar([open, high, low, close, volume]: readonly number[]): Bar {
  return { open, high, low, close, volume } as Bar
}
