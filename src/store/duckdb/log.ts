import type { DuckDBConnection, DuckDBTimestampValue } from '@duckdb/node-api'
import type { LogStore, ModelState, NewAbsence, Run } from '../log-store.js'
import type { Base, Written } from './base.js'
import { timestamp } from './column-kinds.js'
import { insertAbsences } from './insert-absences.js'

/** Absences that were recorded last, by key: clients repeat what was refused, and each statement costs some milliseconds. */
const maxRemembered = 10_000

/** The tables of `log-table.ts`. Its commits are quiet: no answer that has a revision shows them. */
export function createDuckdbLog(base: Base): LogStore {
  const remembered = new Set<string>()

  return { absences, listAbsences, alive, runs, modelStates, listModelStates, latestModelStates }

  async function absences(rows: readonly NewAbsence[]): Promise<void> {
    const unknown = rows.filter((row) => !remembered.has(keyOf(row)))
    if (unknown.length === 0) return
    await base.write(async (writer) => written(await insertAbsences(writer, unknown)))
    if (remembered.size + unknown.length > maxRemembered) remembered.clear()
    for (const row of unknown.slice(0, maxRemembered)) remembered.add(keyOf(row))
  }

  function listAbsences(query: Parameters<LogStore['listAbsences']>[0]): Promise<readonly NewAbsence[]> {
    const { symbol, timeframe, model, fromMs, toMs } = query
    return base.read(async (reader) => {
      const rows = await rowsOf(
        reader,
        `SELECT bar_time, reason, detail, recorded_at FROM absences
         WHERE bar_time BETWEEN ? AND ? AND symbol = ? AND timeframe = ? AND model = ? ORDER BY bar_time, recorded_at, reason`,
        [timestamp(fromMs), timestamp(toMs), symbol, timeframe, model],
      )
      return rows.map(([barTime, reason, detail, recordedAt]) => ({
        symbol,
        timeframe,
        model,
        barTimeMs: epochMs(barTime),
        reason: reason as NewAbsence['reason'],
        detail: detail as string,
        recordedAtMs: epochMs(recordedAt),
      }))
    })
  }

  function alive({ id, fromMs, untilMs }: Run): Promise<void> {
    return base.write(async (writer) => {
      const moved = await writer.run('UPDATE runs SET until_time = ? WHERE id = ?', [timestamp(untilMs), id])
      if (moved.rowsChanged === 0) await writer.run('INSERT INTO runs VALUES (?, ?, ?)', [id, timestamp(fromMs), timestamp(untilMs)])
      return written(1)
    })
  }

  function runs(fromMs: number, toMs: number): Promise<readonly Run[]> {
    return base.read(async (reader) => {
      const rows = await rowsOf(
        reader,
        'SELECT id, from_time, until_time FROM runs WHERE until_time >= ? AND from_time <= ? ORDER BY from_time, id',
        [timestamp(fromMs), timestamp(toMs)],
      )
      return rows.map(([id, from, until]) => ({ id: id as string, fromMs: epochMs(from), untilMs: epochMs(until) }))
    })
  }

  async function modelStates(states: readonly ModelState[]): Promise<void> {
    if (states.length === 0) return
    await base.write(async (writer) => {
      for (const { model, state, fromMs } of states)
        await writer.run('INSERT INTO model_states VALUES (?, ?, ?)', [model, state, timestamp(fromMs)])
      return written(states.length)
    })
  }

  function listModelStates(model: string, toMs: number): Promise<readonly ModelState[]> {
    return base.read(async (reader) =>
      (
        await rowsOf(reader, 'SELECT model, state, from_time FROM model_states WHERE model = ? AND from_time <= ? ORDER BY from_time', [
          model,
          timestamp(toMs),
        ])
      ).map(toModelState),
    )
  }

  function latestModelStates(): Promise<readonly ModelState[]> {
    return base.read(async (reader) =>
      (
        await rowsOf(
          reader,
          'SELECT model, state, from_time FROM model_states QUALIFY row_number() OVER (PARTITION BY model ORDER BY from_time DESC) = 1 ORDER BY model',
          [],
        )
      ).map(toModelState),
    )
  }
}

function written(rows: number): Written<void> {
  return { result: undefined, touched: rows > 0 ? 'quiet' : undefined, rows }
}

function keyOf({ symbol, timeframe, model, barTimeMs, reason }: NewAbsence): string {
  return `${symbol}\n${timeframe}\n${model}\n${barTimeMs}\n${reason}`
}

type Bound = Parameters<DuckDBConnection['run']>[1]

async function rowsOf(reader: DuckDBConnection, sql: string, values: Bound): Promise<unknown[][]> {
  return (await reader.run(sql, values)).getRows()
}

function toModelState([model, state, from]: readonly unknown[]): ModelState {
  return { model: model as string, state: state as ModelState['state'], fromMs: epochMs(from) }
}

function epochMs(cell: unknown): number {
  return Number((cell as DuckDBTimestampValue).micros) / 1000
}
