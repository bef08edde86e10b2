import { BIGINT, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBListValue, DuckDBTimestampValue } from '@duckdb/node-api'
import { durationMs, type Timeframe } from '../../candles/timeframe.js'
import type { Settleable, SettleableQuery } from '../outcome-store.js'
import { timestamp } from './column-kinds.js'
import { outcomeList, readOutcomes } from './read-outcomes.js'

/**
 * Predictions whose horizon ends in a range, each with its current outcome, by bar time. Two statements instead of a join: for its hash tables DuckDB
 * takes 8 MB at a time, which stayed with each of the threads that it had run on (170 instead of 190 MB resident under load).
 */
export async function readSettleable(reader: DuckDBConnection, query: SettleableQuery): Promise<Settleable[]> {
  const { symbol, timeframe, fromMs, toMs, endsFromMs, endsToMs } = query
  const barMs = durationMs(timeframe as Timeframe)
  const range = [symbol, timeframe, timestamp(fromMs), timestamp(toMs)]
  const rangeTypes = [VARCHAR, VARCHAR, TIMESTAMP, TIMESTAMP]
  const result = await reader.run(
    predictionsSql,
    [...range, BigInt(barMs), BigInt(endsFromMs), BigInt(endsToMs)],
    [...rangeTypes, BIGINT, BIGINT, BIGINT],
  )
  const found: Settleable[] = []
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const [ids, models, times, yPreds, outputs, horizons, quantiles, thresholds] = chunk.getColumns()
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
        outcome: undefined,
      })
    }
  }
  if (found.length === 0) return found
  const outcomes = await readOutcomes(await reader.run(outcomesSql, range, rangeTypes))
  const byPrediction = new Map(outcomes.map((outcome) => [outcome.predictionId, outcome]))
  return found.map((prediction) => ({ ...prediction, outcome: byPrediction.get(prediction.predictionId) }))
}

/** In milliseconds rather than as times: a horizon can be longer than time goes. */
const endMs = 'epoch_ms(bar_time) + horizon_bars::BIGINT * $5'
const inRange = 'symbol = $1 AND timeframe = $2 AND bar_time BETWEEN $3 AND $4'

const predictionsSql = `
  SELECT id, model, bar_time, y_pred, output, horizon_bars, quantile, thresholds
  FROM predictions WHERE ${inRange} AND ${endMs} BETWEEN $6 AND $7 ORDER BY bar_time, id`
const outcomesSql = `SELECT ${outcomeList} FROM outcomes WHERE ${inRange} AND replaced_by IS NULL`

function toNumbers(list: DuckDBListValue | null): Float64Array {
  return Float64Array.from((list?.items ?? []) as readonly number[])
}
