import type { DuckDBTimestampValue, DuckDBValue } from '@duckdb/node-api'
import type { JobState, JobStore, StoredJob } from '../job-store.js'
import type { Base } from './base.js'
import { timestamp } from './column-kinds.js'

const columns = 'id, kind, state, request, progress, result, created_at, updated_at'

/** Jobs in the table `jobs`. Few rows: found by reading all of them. */
export function createDuckdbJobs(base: Base): JobStore {
  return {
    add: (job) =>
      base.write(async (writer) => {
        await writer.run(`INSERT INTO jobs (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, [
          job.id,
          job.kind,
          job.state,
          job.request,
          job.progress,
          job.result,
          timestamp(job.createdAtMs),
          timestamp(job.updatedAtMs),
        ])
        return { result: undefined, touched: 'quiet' }
      }),
    update: ({ id, state, progress, result, updatedAtMs, request }) =>
      base.write(async (writer) => {
        const cells: [string, DuckDBValue][] = [
          ['state', state],
          ['progress', progress],
          ['result', result],
          ['updated_at', timestamp(updatedAtMs)],
        ]
        if (request !== undefined) cells.push(['request', request])
        // In place, because the table has no index: some 220 bytes of log, whatever else is in the row.
        await writer.run(`UPDATE jobs SET ${cells.map(([name]) => `${name} = ?`).join(', ')} WHERE id = ?`, [
          ...cells.map(([, value]) => value),
          id,
        ])
        return { result: undefined, touched: 'quiet' }
      }),
    find: (id) =>
      base.read(async (reader) => {
        const result = await reader.run(`SELECT ${columns} FROM jobs WHERE id = ?`, [id])
        return (await result.getRows()).map(toJob)[0]
      }),
    list: ({ kind, state, limit }) =>
      base.read(async (reader) => {
        const terms = ['true']
        const values: DuckDBValue[] = []
        const add = (term: string, value: DuckDBValue) => {
          terms.push(term)
          values.push(value)
        }
        if (kind !== undefined) add('kind = ?', kind)
        if (state !== undefined) add('state = ?', state)
        const result = await reader.run(
          `SELECT ${columns} FROM jobs WHERE ${terms.join(' AND ')} ORDER BY created_at DESC, id DESC ${limit === undefined ? '' : `LIMIT ${limit}`}`,
          values,
        )
        return (await result.getRows()).map(toJob)
      }),
  }
}

function toJob([id, kind, state, request, progress, result, createdAt, updatedAt]: DuckDBValue[]): StoredJob {
  return {
    id: id as string,
    kind: kind as string,
    state: state as JobState,
    request: request as string,
    progress: progress as string,
    result: result as string | null,
    createdAtMs: epochMs(createdAt),
    updatedAtMs: epochMs(updatedAt),
  }
}

function epochMs(value: DuckDBValue | undefined): number {
  return Number((value as DuckDBTimestampValue).micros) / 1000
}
