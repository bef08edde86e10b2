import { DOUBLE, INTEGER, LIST, listValue, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBDataChunk, DuckDBListValue } from '@duckdb/node-api'
import type { PredictedSeries, ScannedOutcomes } from '../outcome-store.js'
import { timestamp } from './column-kinds.js'

/** Current predictions of one model on one series, with one meaning, straight into columns. */
export async function scanOutcomes(
  reader: DuckDBConnection,
  series: PredictedSeries,
  fromMs = minTime,
  toMs = maxTime,
): Promise<ScannedOutcomes> {
  const { symbol, timeframe, model, output, quantile, horizonBars, thresholds } = series
  const result = await reader.run(
    sql,
    [symbol, timeframe, model, output, quantile, horizonBars, listValue(Array.from(thresholds)), timestamp(fromMs), timestamp(toMs)],
    [VARCHAR, VARCHAR, VARCHAR, VARCHAR, DOUBLE, INTEGER, LIST(DOUBLE), TIMESTAMP, TIMESTAMP],
  )
  const chunks: ScannedOutcomes[] = []
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    chunks.push(readChunk(chunk))
  }
  return join(chunks)
}

/** The times that barcast speaks: 2000 to 2100. */
const minTime = Date.UTC(2000, 0, 1)
const maxTime = Date.UTC(2100, 0, 1)

const sql = `
  SELECT epoch_ms(p.bar_time)::DOUBLE,
    CASE o.status WHEN 'settled' THEN 1 WHEN 'unsettleable' THEN 2 ELSE 0 END,
    coalesce(p.y_pred[1], 'nan'::DOUBLE),
    CASE WHEN len(p.y_pred) > 1 THEN p.y_pred END,
    coalesce(o.realised, 'nan'::DOUBLE),
    coalesce(o.hit::INTEGER, 255),
    coalesce(o.covered::INTEGER, 255),
    coalesce(o.realised_class, -1),
    coalesce(o.drawdown, 'nan'::DOUBLE)
  FROM predictions p
  LEFT JOIN (
    SELECT * FROM outcomes WHERE symbol = $1 AND timeframe = $2 AND model = $3 AND bar_time BETWEEN $8 AND $9 AND replaced_by IS NULL
  ) o ON o.prediction_id = p.id
  WHERE p.bar_time BETWEEN $8 AND $9 AND p.symbol = $1 AND p.timeframe = $2 AND p.model = $3 AND p.superseded_by IS NULL
    AND p.output = $4 AND p.quantile IS NOT DISTINCT FROM $5 AND p.horizon_bars = $6 AND coalesce(p.thresholds, []) = $7
  ORDER BY p.bar_time`

function readChunk(chunk: DuckDBDataChunk): ScannedOutcomes {
  const nRows = chunk.rowCount
  const numbers = <Column extends Float64Array | Uint8Array | Int16Array>(column: number, into: Column): Column => {
    chunk.visitColumnValues(column, (cell, row) => (into[row] = cell as number))
    return into
  }
  let classProbabilities: Float64Array[] | undefined
  chunk.visitColumnValues(3, (cell, row) => {
    if (cell === null) return
    const { items } = cell as DuckDBListValue
    classProbabilities ??= []
    while (classProbabilities.length < items.length) classProbabilities.push(new Float64Array(nRows).fill(Number.NaN))
    for (let k = 0; k < items.length; k++) classProbabilities[k]![row] = items[k] as number
  })
  return {
    nRows,
    barTimeMs: numbers(0, new Float64Array(nRows)),
    status: numbers(1, new Uint8Array(nRows)),
    yPred: numbers(2, new Float64Array(nRows)),
    classProbabilities,
    realised: numbers(4, new Float64Array(nRows)),
    hit: numbers(5, new Uint8Array(nRows)),
    covered: numbers(6, new Uint8Array(nRows)),
    realisedClass: numbers(7, new Int16Array(nRows)),
    drawdown: numbers(8, new Float64Array(nRows)),
  }
}

function join(chunks: readonly ScannedOutcomes[]): ScannedOutcomes {
  const nRows = chunks.reduce((sum, chunk) => sum + chunk.nRows, 0)
  const nClasses = chunks.reduce((most, { classProbabilities }) => Math.max(most, classProbabilities?.length ?? 0), 0)
  const joined = <Column extends Float64Array | Uint8Array | Int16Array>(
    into: Column,
    of: (chunk: ScannedOutcomes) => Column | undefined,
  ): Column => {
    let first = 0
    for (const chunk of chunks) {
      const column = of(chunk)
      if (column !== undefined) into.set(column, first)
      first += chunk.nRows
    }
    return into
  }
  return {
    nRows,
    barTimeMs: joined(new Float64Array(nRows), (chunk) => chunk.barTimeMs),
    status: joined(new Uint8Array(nRows), (chunk) => chunk.status),
    yPred: joined(new Float64Array(nRows), (chunk) => chunk.yPred),
    classProbabilities:
      nClasses === 0
        ? undefined
        : Array.from({ length: nClasses }, (_, k) =>
            joined(
              new Float64Array(nRows).fill(Number.NaN),
              (chunk) => chunk.classProbabilities?.[k] as Float64Array<ArrayBuffer> | undefined,
            ),
          ),
    realised: joined(new Float64Array(nRows), (chunk) => chunk.realised),
    hit: joined(new Uint8Array(nRows), (chunk) => chunk.hit),
    covered: joined(new Uint8Array(nRows), (chunk) => chunk.covered),
    realisedClass: joined(new Int16Array(nRows), (chunk) => chunk.realisedClass),
    drawdown: joined(new Float64Array(nRows), (chunk) => chunk.drawdown),
  }
}
