import { BIGINT, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBListValue, DuckDBTimestampValue } from '@duckdb/node-api'
import { durationMs, type Timeframe } from '../../candles/timeframe.js'
import type { Settleable, SettleableQuery } from '../outcome-store.js'
import { timestamp } from './column-kinds.js'
import { outcomesOf, selectedOutcome } from './read-outcomes.js'

/** Predictions whose horizon ends in a range, each with its current outcome, by bar time. */
export async function readSettleable(reader: DuckDBConnection, query: SettleableQuery): Promise<Settleable[]> {
  const { symbol, timeframe, fromMs, toMs, endsFromMs, endsToMs } = query
  const barMs = durationMs(timeframe as Timeframe)
  const result = await reader.run(
    sql,
    [symbol, timeframe, timestamp(fromMs), timestamp(toMs), BigInt(barMs), BigInt(endsFromMs), BigInt(endsToMs)],
    [VARCHAR, VARCHAR, TIMESTAMP, TIMESTAMP, BIGINT, BIGINT, BIGINT],
  )
  const found: Settleable[] = []
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const [ids, models, times, yPreds, outputs, horizons, quantiles, thresholds] = Array.from({ length: nOwn }, (_, c) =>
      chunk.getColumnValues(c),
    )
    const outcomes = outcomesOf(chunk, nOwn)
    for (let r = 0; r < chunk.rowCount; r++) {
      found.push({
        predictionId: ids![r] as string,
        symbol,
        timeframe,
        model: models![r] as string,
        barTimeMs: Number((times![r] as DuckDBTimestampValue).micros) / 1000,
        yPred: toNumbers(yPreds![r] as DuckDBListValue),
        output: outputs![r] as string,
        horizonBars: horizons![r] as number,
        quantile: quantiles![r] as number | null,
        thresholds: toNumbers(thresholds![r] as DuckDBListValue | null),
        outcome: outcomes[r],
      })
    }
  }
  return found
}

const own = ['id', 'model', 'bar_time', 'y_pred', 'output', 'horizon_bars', 'quantile', 'thresholds']
const nOwn = own.length

/** In milliseconds rather than as times: a horizon can be longer than time goes. */
const endMs = 'epoch_ms(p.bar_time) + p.horizon_bars::BIGINT * $5'

const sql = `
  SELECT ${own.map((name) => `p.${name}`).join(', ')}, ${selectedOutcome.map(({ name }) => `o.${name}`).join(', ')}
  FROM predictions p
  LEFT JOIN (SELECT * FROM outcomes WHERE bar_time BETWEEN $3 AND $4 AND replaced_by IS NULL) o ON o.prediction_id = p.id
  WHERE p.bar_time BETWEEN $3 AND $4 AND p.symbol = $1 AND p.timeframe = $2
    AND ${endMs} BETWEEN $6 AND $7
  ORDER BY p.bar_time, p.id`

function toNumbers(list: DuckDBListValue | null): Float64Array {
  return Float64Array.from((list?.items ?? []) as readonly number[])
}
