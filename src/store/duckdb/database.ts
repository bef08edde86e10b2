import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { openFailure } from './failure.js'
import { createInserter } from './insert.js'
import type { Inserter } from './insert.js'
import { seriesKey } from './link.js'
import { createLookup } from './lookup.js'
import type { Lookup } from './lookup.js'
import { createRecent } from './recent.js'
import type { Recent } from './recent.js'
import { prepareSchema } from './schema.js'
import { createSuperseder } from './supersede.js'
import type { Superseder } from './supersede.js'

/** An open file, from the first to the last moment of one DuckDB instance. */
export interface Database {
  /** The only connection that writes; one statement at a time. */
  readonly writer: DuckDBConnection
  /** Reads run beside commits; one statement at a time. */
  readonly reader: DuckDBConnection
  readonly lookup: Lookup
  readonly inserter: Inserter
  readonly superseder: Superseder
  /** What the last commits wrote, so that most need no lookup. */
  readonly recent: Recent
  /** Number of the last commit. */
  revision: number
  /** True when DuckDB refuses everything until the file is opened anew. */
  broken: boolean
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
  const inserter = createInserter(writer)
  const superseder = await createSuperseder(writer)
  const { newestBarMs, revision } = await readState(writer)
  return { writer, reader, lookup, inserter, superseder, recent: createRecent(newestBarMs), revision, broken: false, close }

  async function close(): Promise<void> {
    // Without this the same work happens inside closeSync, on the main thread. It fails when the disk is full; the log stays.
    await writer.run('CHECKPOINT').catch(() => undefined)
    lookup.close()
    inserter.close()
    superseder.close()
    reader.closeSync()
    writer.closeSync()
    instance.closeSync()
  }
}

/**
 * Where a file stands; 20 ms for 1,000,000 rows. Its numbers begin at the millisecond in which it was made, so that a file that was deleted and
 * made anew does not count through the numbers that the old one had.
 */
async function readState(connection: DuckDBConnection): Promise<{ newestBarMs: Map<string, number>; revision: number }> {
  const made = await connection.run('SELECT epoch_ms(min(since))::DOUBLE FROM barcast_schema')
  const result = await connection.run(
    `SELECT symbol, timeframe, model, epoch_ms(max(bar_time))::DOUBLE, max(revision)::DOUBLE FROM predictions GROUP BY symbol, timeframe, model`,
  )
  const series = (await result.getRows()) as [string, string, string, number, number][]
  return {
    newestBarMs: new Map(series.map(([symbol, timeframe, model, newest]) => [seriesKey({ symbol, timeframe, model }), newest])),
    revision: series.reduce((highest, [, , , , revision]) => Math.max(highest, revision), (await made.getRows())[0]?.[0] as number),
  }
}
