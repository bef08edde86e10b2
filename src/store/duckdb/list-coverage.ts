import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { durationMs, timeframes } from '../../candles/timeframe.js'
import type { Timeframe } from '../../candles/timeframe.js'
import type { Coverage } from '../candle-store.js'
import type { Series } from '../series.js'

type Gap = Coverage['gaps'][number]

/** Every series that has bars, with its gaps; in two statements within one snapshot. */
export async function listCoverage(reader: DuckDBConnection, { symbol, timeframe }: Partial<Series>): Promise<Coverage[]> {
  const terms = ['true']
  const values: DuckDBValue[] = []
  for (const [column, value] of [
    ['symbol', symbol],
    ['timeframe', timeframe],
  ] as const) {
    if (value === undefined) continue
    terms.push(`${column} = ?`)
    values.push(value)
  }
  const bars = `SELECT symbol, timeframe, open_time FROM candles WHERE replaces IS NULL AND ${terms.join(' AND ')}`
  await reader.run('BEGIN')
  try {
    const gaps = await listGaps(reader, bars, values)
    const result = await reader.run(
      `SELECT symbol, timeframe, epoch_ms(min(open_time))::DOUBLE, epoch_ms(max(open_time))::DOUBLE, count(*)::INTEGER
       FROM (${bars}) GROUP BY symbol, timeframe`,
      values,
    )
    const series = (await result.getRows()) as [string, Timeframe, number, number, number][]
    return series
      .map(([symbol, timeframe, firstMs, lastMs, nBars]) => ({
        symbol,
        timeframe,
        firstMs,
        lastMs,
        nBars,
        gaps: gaps.get(`${symbol}\n${timeframe}`) ?? [],
      }))
      .sort((a, b) => (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : durationMs(a.timeframe) - durationMs(b.timeframe)))
  } finally {
    await reader.run('COMMIT').catch(() => undefined)
  }
}

/** A bar has one row that replaced none: these are the bars. */
async function listGaps(reader: DuckDBConnection, bars: string, values: DuckDBValue[]): Promise<Map<string, Gap[]>> {
  const lengths = timeframes.map((timeframe) => `('${timeframe}', ${durationMs(timeframe)})`).join(', ')
  const result = await reader.run(
    `SELECT symbol, timeframe, opens, following, length FROM (
       SELECT symbol, timeframe, epoch_ms(open_time)::DOUBLE AS opens, length::DOUBLE AS length,
              epoch_ms(lead(open_time) OVER (PARTITION BY symbol, timeframe ORDER BY open_time))::DOUBLE AS following
       FROM (${bars}) JOIN (VALUES ${lengths}) AS lengths(timeframe, length) USING (timeframe))
     WHERE following - opens > length ORDER BY symbol, timeframe, opens`,
    values,
  )
  const gaps = new Map<string, Gap[]>()
  for (const [symbol, timeframe, at, next, length] of (await result.getRows()) as [string, string, number, number, number][]) {
    const key = `${symbol}\n${timeframe}`
    const there = gaps.get(key) ?? []
    there.push({ fromMs: at + length, toMs: next - length, nBars: (next - at) / length - 1 })
    gaps.set(key, there)
  }
  return gaps
}
