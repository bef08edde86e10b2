import { LIST, listValue, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBListValue, DuckDBValue } from '@duckdb/node-api'
import type { OutcomeScan, OutcomeStore, PredictedSeries, StoredOutcome } from '../outcome-store.js'
import type { Series } from '../series.js'
import type { Base } from './base.js'
import { timestamp } from './column-kinds.js'
import { insertOutcomes } from './insert-outcomes.js'
import { readOutcomes, outcomeList } from './read-outcomes.js'
import { readSettleable } from './read-settleable.js'
import { scanOutcomes } from './scan-outcomes.js'
import { settledLines } from './settled-lines.js'

/** The table of `outcomes-table.ts`, and the line `outcomes` of `progress`. */
export function createDuckdbOutcomes(base: Base): OutcomeStore {
  return { record, through, settleable, predictedSince, newestBars, reach, of, history, predicted, scan }

  async function record(outcomes: readonly StoredOutcome[], through?: number): Promise<void> {
    if (outcomes.length === 0 && through === undefined) return
    await base.write(async (writer, revision) => {
      await insertOutcomes(writer, outcomes, revision)
      if (through !== undefined) await moveProgress(writer, through)
      return {
        result: undefined,
        touched: outcomes.length === 0 ? 'quiet' : { outcomes: outcomes.length, settled: settledLines(outcomes) },
      }
    })
  }

  function through(): Promise<number> {
    return base.read(async (reader) => {
      const [row] = await rowsOf(reader, `SELECT max(value)::DOUBLE FROM progress WHERE name = 'outcomes'`)
      return (row?.[0] as number | null) ?? 0
    })
  }

  function settleable(query: Parameters<OutcomeStore['settleable']>[0]): ReturnType<OutcomeStore['settleable']> {
    return base.read((reader) => readSettleable(reader, query))
  }

  function predictedSince(revision: number): ReturnType<OutcomeStore['predictedSince']> {
    return base.read(async (reader) => {
      const rows = await rowsOf(
        reader,
        `SELECT symbol, timeframe, epoch_ms(min(bar_time))::DOUBLE, epoch_ms(max(bar_time))::DOUBLE
         FROM predictions WHERE revision > ? GROUP BY symbol, timeframe ORDER BY symbol, timeframe`,
        [BigInt(revision)],
      )
      return rows.map(([symbol, timeframe, firstMs, lastMs]) => ({
        symbol: symbol as string,
        timeframe: timeframe as string,
        firstMs: firstMs as number,
        lastMs: lastMs as number,
      }))
    })
  }

  function newestBars(revision: number): ReturnType<OutcomeStore['newestBars']> {
    return base.read(async (reader) => {
      const rows = await rowsOf(
        reader,
        'SELECT symbol, timeframe, epoch_ms(max(open_time))::DOUBLE FROM candles WHERE revision <= ? GROUP BY symbol, timeframe',
        [BigInt(revision)],
      )
      return (rows as [string, string, number][]).map(([symbol, timeframe, newestMs]) => ({ symbol, timeframe, newestMs }))
    })
  }

  function reach({ symbol, timeframe }: Series): ReturnType<OutcomeStore['reach']> {
    return base.read(async (reader) => {
      const [row] = await rowsOf(
        reader,
        'SELECT epoch_ms(min(bar_time))::DOUBLE, max(horizon_bars) FROM predictions WHERE symbol = ? AND timeframe = ?',
        [symbol, timeframe],
      )
      const [firstMs, longestBars] = (row ?? [null, null]) as [number | null, number | null]
      return firstMs === null || longestBars === null ? undefined : { firstMs, longestBars }
    })
  }

  async function of(predictions: readonly { readonly id: string; readonly barTimeMs: number }[]): ReturnType<OutcomeStore['of']> {
    if (predictions.length === 0) return new Map()
    const times = predictions.map(({ barTimeMs }) => barTimeMs)
    const span = [timestamp(times.reduce((a, b) => Math.min(a, b))), timestamp(times.reduce((a, b) => Math.max(a, b)))]
    const ids = predictions.map(({ id }) => id)
    // A list is walked for each row, which is quicker for a few; a subquery is hashed.
    const isOne = ids.length <= 16 ? 'list_contains($3, prediction_id)' : 'prediction_id IN (SELECT unnest($3))'
    const outcomes = await base.read(async (reader) =>
      readOutcomes(
        await reader.run(
          `SELECT ${outcomeList} FROM outcomes WHERE bar_time BETWEEN $1 AND $2 AND replaced_by IS NULL AND ${isOne}`,
          [...span, listValue(ids)],
          [TIMESTAMP, TIMESTAMP, LIST(VARCHAR)],
        ),
      ),
    )
    return new Map(outcomes.map((outcome) => [outcome.predictionId, outcome]))
  }

  function history({ id, barTimeMs }: { readonly id: string; readonly barTimeMs: number }): Promise<readonly StoredOutcome[]> {
    return base.read(async (reader) =>
      readOutcomes(
        await reader.run(
          `SELECT ${outcomeList} FROM outcomes WHERE bar_time = ? AND prediction_id = ? ORDER BY revision, replaced_by NULLS LAST, rowid`,
          [timestamp(barTimeMs), id],
        ),
      ),
    )
  }

  function predicted(scan: OutcomeScan): Promise<readonly PredictedSeries[]> {
    const { sql, values } = conditions(scan)
    return base.read(async (reader) => {
      const rows = await rowsOf(
        reader,
        `SELECT symbol, timeframe, model, output, quantile, horizon_bars, thresholds FROM predictions
         WHERE superseded_by IS NULL ${sql} GROUP BY ALL ORDER BY ALL`,
        values,
      )
      return rows.map(([symbol, timeframe, model, output, quantile, horizonBars, thresholds]) => ({
        symbol: symbol as string,
        timeframe: timeframe as string,
        model: model as string,
        output: output as string,
        quantile: quantile as number | null,
        horizonBars: horizonBars as number,
        thresholds: Float64Array.from(((thresholds as DuckDBListValue | null)?.items ?? []) as number[]),
      }))
    })
  }

  function scan(series: PredictedSeries, fromMs?: number, toMs?: number): ReturnType<OutcomeStore['scan']> {
    return base.read((reader) => scanOutcomes(reader, series, fromMs, toMs))
  }
}

async function moveProgress(writer: DuckDBConnection, through: number): Promise<void> {
  const moved = await writer.run(`UPDATE progress SET value = greatest(value, ?) WHERE name = 'outcomes'`, [BigInt(through)])
  if (moved.rowsChanged === 0) await writer.run(`INSERT INTO progress VALUES ('outcomes', ?)`, [BigInt(through)])
}

function conditions({ model, symbol, timeframe, fromMs, toMs }: OutcomeScan): { sql: string; values: DuckDBValue[] } {
  const terms: [string, DuckDBValue | undefined][] = [
    ['model = ?', model],
    ['symbol = ?', symbol],
    ['timeframe = ?', timeframe],
    ['bar_time >= ?', fromMs === undefined ? undefined : timestamp(fromMs)],
    ['bar_time <= ?', toMs === undefined ? undefined : timestamp(toMs)],
  ]
  const given = terms.filter(([, value]) => value !== undefined)
  return { sql: given.map(([term]) => `AND ${term}`).join(' '), values: given.map(([, value]) => value as DuckDBValue) }
}

async function rowsOf(reader: DuckDBConnection, sql: string, values: DuckDBValue[] = []): Promise<unknown[][]> {
  return (await reader.run(sql, values)).getRows()
}
