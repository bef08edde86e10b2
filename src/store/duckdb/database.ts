import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { candleSeriesKey, createCandleMemory } from './candle-memory.js'
import type { CandleMemory, KnownSeries } from './candle-memory.js'
import { openFailure } from './failure.js'
import { seriesKey } from './link.js'
import { createLookup } from './lookup.js'
import type { Lookup } from './lookup.js'
import { createRecent } from './recent.js'
import type { Recent } from './recent.js'
import { prepareSchema } from './schema.js'
import { featureSeriesKey } from './stage-features.js'
import type { FeatureMemory } from './stage-features.js'
import { openTables } from './tables.js'
import type { Tables } from './tables.js'

/** An open file, from the first to the last moment of one DuckDB instance. */
export interface Database {
  /** The only connection that writes; one statement at a time. */
  readonly writer: DuckDBConnection
  /** Reads run beside commits; one statement at a time. */
  readonly reader: DuckDBConnection
  readonly lookup: Lookup
  /** On the writing connection. */
  readonly tables: Tables
  /** What the last commits wrote, so that most need no lookup. */
  readonly recent: Recent
  readonly candleMemory: CandleMemory
  readonly featureMemory: FeatureMemory
  /** Number of the last commit. */
  revision: number
  /** Number of the last commit that is in the tables; those behind it are in the journal, and in the memories here. */
  tablesAt: number
  /** True when DuckDB refuses everything until the file is opened anew. */
  broken: boolean
  /** A further connection, for work that takes long; whoever asks for it closes it. */
  connect(): Promise<DuckDBConnection>
  /** Brings the log into the file and lets it go. Never throws: what was committed is in the file or its log. */
  close(): Promise<void>
}

/** Never open one file twice in a process: DuckDB then loses committed rows. */
export async function openDatabase(path: string): Promise<Database> {
  const inMemory = path === ':memory:'
  let instance: DuckDBInstance | undefined
  try {
    if (!inMemory) await mkdir(dirname(path), { recursive: true })
    instance = await DuckDBInstance.create(path, inMemory ? { ...options, ...inMemoryOptions } : options)
  } catch (cause) {
    throw openFailure(path, cause)
  }
  try {
    return await connect(instance, path)
  } catch (cause) {
    instance.closeSync()
    throw cause
  }
}

/**
 * One thread: the work is small, and the cores belong to the requests. Memory: DuckDB keeps about 20 MB; its default limit is 80 % of
 * the machine, and under 32 MB its checkpoints failed. The log moves into the file at 8 MB (about 2,000 commits of one row), so that
 * reading it after a crash takes well under a second. Blocks of new files: every column that grows holds some in memory, and with the default
 * of 256 kB the process took 190 instead of 163 MB under load. Extensions are never fetched from the network.
 */
const options = {
  threads: '1',
  memory_limit: '96MB',
  checkpoint_threshold: '8MB',
  default_block_size: '16384',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
}

/** Without a file the rows themselves count against the limit, and nothing may be written beside them. */
const inMemoryOptions = { memory_limit: '1GB', temp_directory: '' }

async function connect(instance: DuckDBInstance, path: string): Promise<Database> {
  const writer = await instance.connect()
  await prepareSchema(writer, path)
  const reader = await instance.connect()
  const lookup = await createLookup(writer)
  const tables = await openTables(writer)
  const revision = await readRevision(writer)
  return {
    writer,
    reader,
    lookup,
    tables,
    recent: createRecent(await readNewestBars(writer)),
    candleMemory: createCandleMemory(await readCandleSeries(writer)),
    featureMemory: await readFeatureMemory(writer),
    revision,
    tablesAt: revision,
    broken: false,
    connect: () => instance.connect(),
    close,
  }

  async function close(): Promise<void> {
    // Without this the same work happens inside closeSync, on the main thread. It fails when the disk is full; the log stays.
    await writer.run('CHECKPOINT').catch(() => undefined)
    lookup.close()
    tables.close()
    reader.closeSync()
    writer.closeSync()
    instance.closeSync()
  }
}

/**
 * The number of the last commit: the highest that a row carries, or that was noted for a commit whose rows carry none. A file's numbers begin at
 * the millisecond in which it was made, so that a file that was deleted and made anew does not count through the numbers that the old one had.
 */
async function readRevision(connection: DuckDBConnection): Promise<number> {
  const tables = await connection.run(
    `SELECT table_name FROM duckdb_columns()
     WHERE column_name = 'revision' AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE database_name = current_database())`,
  )
  const highest = (await tables.getRows()).map(([name]) => `SELECT max(revision) FROM ${name as string}`)
  const result = await connection.run(
    `SELECT max(n)::DOUBLE FROM (SELECT epoch_ms(min(since)) AS n FROM barcast_schema
     UNION ALL SELECT value FROM progress WHERE name = 'commits' UNION ALL ${highest.join(' UNION ALL ')})`,
  )
  return (await result.getRows())[0]?.[0] as number
}

/** Of each series of predictions; 20 ms for 1,000,000 rows. */
async function readNewestBars(connection: DuckDBConnection): Promise<Map<string, number>> {
  const result = await connection.run(
    'SELECT symbol, timeframe, model, epoch_ms(max(bar_time))::DOUBLE FROM predictions GROUP BY symbol, timeframe, model',
  )
  const series = (await result.getRows()) as [string, string, string, number][]
  return new Map(series.map(([symbol, timeframe, model, newest]) => [seriesKey({ symbol, timeframe, model }), newest]))
}

async function readCandleSeries(connection: DuckDBConnection): Promise<Map<string, KnownSeries>> {
  const result = await connection.run(
    `SELECT symbol, timeframe, epoch_ms(min(open_time))::DOUBLE, epoch_ms(max(open_time))::DOUBLE, max(revision)::DOUBLE
     FROM candles GROUP BY symbol, timeframe`,
  )
  const series = (await result.getRows()) as [string, string, number, number, number][]
  return new Map(
    series.map(([symbol, timeframe, firstMs, lastMs, revision]) => [
      candleSeriesKey({ symbol, timeframe }),
      { symbol, timeframe, firstMs, lastMs, revision },
    ]),
  )
}

async function readFeatureMemory(connection: DuckDBConnection): Promise<FeatureMemory> {
  const newest = await connection.run(
    'SELECT feature_key, symbol, timeframe, epoch_ms(max(bar_time))::DOUBLE FROM feature_rows GROUP BY feature_key, symbol, timeframe',
  )
  const series = (await newest.getRows()) as [string, string, string, number][]
  const names = await connection.run('SELECT names_id FROM feature_names')
  return {
    newestBarMs: new Map(series.map(([featureKey, symbol, timeframe, ms]) => [featureSeriesKey({ featureKey, symbol, timeframe }), ms])),
    namesIds: new Set((await names.getRows()).map(([id]) => id as string)),
  }
}
