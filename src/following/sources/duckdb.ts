import { realpath } from 'node:fs/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { type Column, columnOf, columns } from '../../candles/column.js'
import { allocateBars, type Submission, submit } from '../../candles/submission.js'
import { quoteName, quoteText } from '../../quote-sql.js'
import { FollowFailure } from '../failure.js'
import type { Source } from '../source.js'

const maxRows = 20_000
const options = { threads: '1', memory_limit: '256MB', autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' }

/** One look at a file after the other: DuckDB must not open a file twice in a process. */
export type TakeTurn = <T>(path: string, work: () => Promise<T>) => Promise<T>

export interface DuckdbSourceParts {
  readonly path: string
  readonly table: string
  /** The service's own database: never opened a second time, which could lose what it commits. */
  readonly ownDatabase: string
  readonly takeTurn: TakeTurn
}

/**
 * A table of a DuckDB file, opened read-only for each look and let go of at once, because its writer is locked out meanwhile. While the writer
 * holds it, a look fails with `held`.
 */
export function createDuckdbSource({ path, table, ownDatabase, takeTurn }: DuckdbSourceParts): Source {
  return {
    pageBars: maxRows,
    about: `duckdb ${path} ${table}`,
    async page(sinceMs, signal) {
      const real = await realpath(path).catch((cause: unknown) => {
        const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
        throw new FollowFailure('unreadable', `${path} ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`}`, { cause })
      })
      if (real === (await realpath(ownDatabase).catch(() => undefined))) {
        throw new FollowFailure('unreadable', `${path} is the database of this service; its candles need no following`)
      }
      return takeTurn(real, () => {
        signal.throwIfAborted()
        return readTable(real, table, sinceMs, signal)
      })
    },
  }
}

async function readTable(path: string, table: string, sinceMs: number, signal: AbortSignal): Promise<Submission | undefined> {
  const instance = await DuckDBInstance.create(':memory:', options)
  try {
    const connection = await instance.connect()
    const onAbort = () => connection.interrupt()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await connection.run("SET TimeZone = 'UTC'")
      await connection.run(`ATTACH ${quoteText(path)} AS source (READ_ONLY)`)
      return await readRows(connection, path, table, sinceMs)
    } catch (cause) {
      signal.throwIfAborted()
      throw cause instanceof FollowFailure ? cause : failureOf(path, cause)
    } finally {
      signal.removeEventListener('abort', onAbort)
      connection.closeSync()
    }
  } finally {
    instance.closeSync()
  }
}

async function readRows(connection: DuckDBConnection, path: string, table: string, sinceMs: number): Promise<Submission | undefined> {
  const { expressions, from } = await describeTable(connection, path, table)
  const select = columns.map((column) => `${expressions[column]} AS "${column}"`).join(', ')
  const reader = await connection.runAndReadAll(
    `SELECT * FROM (SELECT ${select} FROM ${from}) WHERE "timestamp" >= $since OR "timestamp" IS NULL ORDER BY "timestamp" LIMIT ${maxRows}`,
    { since: sinceMs },
  )
  const rows = reader.getRows() as (number | null)[][]
  if (rows.length === 0) return undefined
  const bars = allocateBars(rows.length)
  rows.forEach((row, bar) => {
    columns.forEach((column, i) => {
      const value = row[i]
      if (value === null || value === undefined || Number.isNaN(value)) {
        throw new FollowFailure(
          'bad-candles',
          `${path}, table ${table}: ${column} of row ${bar + 1} from ${new Date(sinceMs).toISOString()} on is no number`,
        )
      }
      bars[column][bar] = value
    })
  })
  return submit(bars, (bar, column) => `row ${bar + 1}, column ${column}`)
}

/** How each column of a candle is read, by the types of the table. */
async function describeTable(
  connection: DuckDBConnection,
  path: string,
  table: string,
): Promise<{ expressions: Record<Column, string>; from: string }> {
  const parts = table.split('.')
  const name = parts.at(-1)!
  const schema = parts.length === 2 ? parts[0]! : 'main'
  const reader = await connection.runAndReadAll(
    `SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'source' AND schema_name = $schema AND table_name = $name ORDER BY column_index`,
    { schema, name },
  )
  const found = reader.getRows() as [string, string][]
  if (found.length === 0) throw new FollowFailure('unreadable', `${path} has no table ${table}`)
  const expressions: Partial<Record<Column, string>> = {}
  for (const [written, type] of found) {
    const column = columnOf(written)
    if (column === undefined) continue
    if (expressions[column] !== undefined)
      throw new FollowFailure('bad-candles', `${path}, table ${table}: column ${column} is there twice`)
    expressions[column] = column === 'timestamp' ? milliseconds(quoteName(written), type) : `try_cast(${quoteName(written)} AS DOUBLE)`
  }
  const missing = columns.filter((column) => expressions[column] === undefined)
  if (missing.length > 0) throw new FollowFailure('bad-candles', `${path}, table ${table}: no column ${missing.join(', ')}`)
  return { expressions: expressions as Record<Column, string>, from: `source.${quoteName(schema)}.${quoteName(name)}` }
}

/** Stamps without an offset are UTC; numbers are epoch milliseconds. */
function milliseconds(column: string, type: string): string {
  return /^(TIMESTAMP|DATE|VARCHAR)/.test(type)
    ? `epoch_us(try_cast(${column} AS ${type.startsWith('TIMESTAMP WITH') ? 'TIMESTAMPTZ' : 'TIMESTAMP'}))::DOUBLE / 1000`
    : `try_cast(${column} AS DOUBLE)`
}

function failureOf(path: string, cause: unknown): FollowFailure {
  const message = cause instanceof Error ? cause.message : String(cause)
  if (/lock|being used by another process/i.test(message)) {
    return new FollowFailure('held', `${path} is held by another process, which writes to it`, { cause })
  }
  return new FollowFailure('unreadable', `${path} cannot be read: ${message.split('\n')[0]!.slice(0, 200)}`, { cause })
}
