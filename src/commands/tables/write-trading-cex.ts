import { existsSync } from 'node:fs'
import { type DuckDBConnection, DuckDBInstance, timestampValue } from '@duckdb/node-api'
import type { Prediction } from '../../predictions/schema.js'
import { InputError } from '../input-error.js'
import { quoteName } from '../../quote-sql.js'
import { replacement } from './replacement.js'

export interface TradingCexFile {
  readonly path: string
  /** Begin anew instead of adding to a file that is there. */
  readonly force: boolean
  readonly labels: { readonly modelPath: string | undefined; readonly featureKey: string | undefined; readonly dataset: string | undefined }
}

export interface Written {
  readonly written: number
  /** Left out: the table has one number per row. */
  readonly severalOutputs: number
  /** Left out: the table has no missing numbers. */
  readonly notFinite: number
}

/**
 * Writes predictions as the inference backfill of trading_cex writes them: each (ts, model_path) is deleted, then inserted, all in one
 * transaction, so that readers see all or nothing. A table that is there keeps its columns; `dataset` and `feature_key` are written where it has them.
 * @throws InputError when the file is no DuckDB file, is held by another process, or has another kind of table `predictions`; when two
 * predictions would share one (ts, model_path)
 */
export async function writeTradingCex(
  { path, force, labels }: TradingCexFile,
  pages: AsyncIterable<readonly Prediction[]>,
  onRows?: (done: number) => void,
): Promise<Written> {
  if (existsSync(path) && !force) return writeInto(path, labels, pages, onRows)
  const file = await replacement(path, force)
  try {
    const written = await writeInto(file.temporary, labels, pages, onRows)
    await file.keep()
    return written
  } catch (error) {
    await file.discard()
    throw error
  }
}

async function writeInto(
  path: string,
  labels: TradingCexFile['labels'],
  pages: AsyncIterable<readonly Prediction[]>,
  onRows?: (done: number) => void,
): Promise<Written> {
  const instance = await DuckDBInstance.create(path, { threads: '1' }).catch((cause: unknown) => {
    throw new InputError(`${path} cannot be written: ${(cause as Error).message.replaceAll(/\s+/g, ' ')}`, { cause })
  })
  try {
    const connection = await instance.connect()
    try {
      await connection.run('BEGIN')
      const written = await writeRows(connection, path, labels, pages, onRows)
      await connection.run('COMMIT')
      await connection.run('CHECKPOINT')
      return written
    } finally {
      connection.closeSync()
    }
  } finally {
    instance.closeSync()
  }
}

async function writeRows(
  connection: DuckDBConnection,
  path: string,
  labels: TradingCexFile['labels'],
  pages: AsyncIterable<readonly Prediction[]>,
  onRows?: (done: number) => void,
): Promise<Written> {
  await connection.run(table)
  const columns = await columnsOf(connection, path)
  await connection.run(
    'CREATE TEMP TABLE incoming (ts TIMESTAMP, model_path VARCHAR, y_pred DOUBLE, feature_key VARCHAR, dataset VARCHAR, created_at TIMESTAMP, source VARCHAR)',
  )
  const appender = await connection.createAppender('incoming')
  let written = 0
  let severalOutputs = 0
  let notFinite = 0
  for await (const predictions of pages) {
    for (const { symbol, timeframe, bar_time, model, y_pred, features, created_at } of predictions) {
      if (Array.isArray(y_pred)) severalOutputs++
      else if (y_pred === null) notFinite++
      else {
        appender.appendTimestamp(stamp(bar_time))
        appender.appendVarchar(labels.modelPath ?? model.name)
        appender.appendDouble(y_pred)
        appender.appendVarchar(labels.featureKey ?? `${features.catalogue}-${features.version}`)
        if (labels.dataset === undefined) appender.appendNull()
        else appender.appendVarchar(labels.dataset)
        appender.appendTimestamp(stamp(created_at))
        appender.appendVarchar(`${model.name} on ${symbol} ${timeframe}`)
        appender.endRow()
        written++
      }
    }
    onRows?.(written)
  }
  appender.closeSync()
  await refuseDoubles(connection)
  await connection.run(
    'DELETE FROM main.predictions AS old USING incoming WHERE old.ts = incoming.ts AND old.model_path = incoming.model_path',
  )
  const names = ['ts', 'model_path', 'y_pred', 'feature_key', 'dataset', 'created_at'].filter((name) => columns.has(name)).map(quoteName)
  await connection.run(
    `INSERT INTO main.predictions (${names.join(', ')}) SELECT ${names.join(', ')} FROM incoming ORDER BY ts, model_path`,
  )
  await connection.run('DROP TABLE incoming')
  return { written, severalOutputs, notFinite }
}

const table = `CREATE TABLE IF NOT EXISTS main.predictions (
  ts TIMESTAMP NOT NULL, model_path TEXT NOT NULL, y_pred DOUBLE NOT NULL, feature_key TEXT, dataset TEXT,
  created_at TIMESTAMP DEFAULT now(), PRIMARY KEY (ts, model_path))`

async function columnsOf(connection: DuckDBConnection, path: string): Promise<ReadonlySet<string>> {
  const result = await connection.run(
    `SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = 'main' AND table_name = 'predictions'`,
  )
  const columns = new Set((await result.getRows()).map(([name]) => String(name)))
  const missing = ['ts', 'model_path', 'y_pred'].filter((name) => !columns.has(name))
  if (missing.length > 0) {
    throw new InputError(
      `${path}: its table predictions is not trading_cex's: ${missing.join(', ')} missing. Name another file, or a new one.`,
    )
  }
  return columns
}

/** The key of the table is (ts, model_path): models, markets or timeframes that share it would overwrite each other. */
async function refuseDoubles(connection: DuckDBConnection): Promise<void> {
  const result = await connection.run(
    "SELECT strftime(ts, '%Y-%m-%d %H:%M:%S'), model_path, list_sort(list(source)) FROM incoming GROUP BY ts, model_path HAVING count(*) > 1 ORDER BY 1, 2 LIMIT 1",
  )
  const [first] = await result.getRowsJS()
  if (first === undefined) return
  const [ts, modelPath, sources] = first as [string, string, string[]]
  throw new InputError(
    `${ts} has ${sources.length} predictions with the model_path ${modelPath}: ${sources.slice(0, 5).join(', ')}. --model, --symbol and --timeframe choose some of them.`,
  )
}

function stamp(iso: string) {
  return timestampValue(BigInt(Date.parse(iso)) * 1000n)
}
