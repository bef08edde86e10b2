import type { DuckDBConnection } from '@duckdb/node-api'
import { candlesTable } from './candles-table.js'
import { columns, nColumnsOfVersion1 } from './columns.js'
import { featureColumns } from './feature-columns.js'
import { featuresTable } from './features-table.js'
import { jobsTable } from './jobs-table.js'
import { logTable } from './log-table.js'
import { outcomesTable } from './outcomes-table.js'
import { progressTable } from './progress-table.js'
import { comment, createTable } from './table.js'

/**
 * Makes an empty file ours, or brings a file of an older version up to date.
 * No index: a primary key on the ids took 120 MB for 1,000,000 rows and slowed every insert. Rows are found by their bar
 * time instead, whose minimum and maximum DuckDB keeps per row group.
 * @throws Error when the file belongs to something else or to a newer version
 */
export async function prepareSchema(connection: DuckDBConnection, path: string): Promise<void> {
  const tables = await tableNames(connection)
  if (tables.length > 0 && !tables.includes('barcast_schema')) {
    throw new Error(
      `${path} is a DuckDB file of something else: it has the tables ${listing(tables)}, but not barcast's. Name another file, or a new one.`,
    )
  }
  const version = tables.length === 0 ? 0 : await schemaVersion(connection, path)
  if (version > migrations.length) {
    throw new Error(
      `${path} has schema version ${version}, and this barcast knows versions up to ${migrations.length}: a newer barcast wrote it. Use that one.`,
    )
  }
  for (let next = version + 1; next <= migrations.length; next++) await migrate(connection, next)
  if (version < migrations.length) await connection.run('CHECKPOINT')
}

/** Step k brings a file from version k to version k + 1. A step that was released is never edited: add another. */
const migrations: readonly (readonly string[])[] = [
  [
    'CREATE TABLE barcast_schema (version INTEGER NOT NULL, since TIMESTAMP NOT NULL)',
    ...createTable({ name: 'predictions', meaning: 'one row per prediction', columns: columns.slice(0, nColumnsOfVersion1) }),
  ],
  [
    'ALTER TABLE predictions ADD COLUMN quantile DOUBLE',
    'ALTER TABLE predictions ADD COLUMN thresholds DOUBLE[]',
    // A list as the default of a new column fails inside DuckDB 1.5 when the table has rows.
    'ALTER TABLE predictions ALTER thresholds SET DATA TYPE DOUBLE[] USING []::DOUBLE[]',
    'ALTER TABLE predictions ALTER thresholds SET NOT NULL',
    "ALTER TABLE predictions ADD COLUMN source VARCHAR DEFAULT 'candles'",
    'ALTER TABLE predictions ALTER source SET NOT NULL',
    'ALTER TABLE predictions ALTER source DROP DEFAULT',
    'ALTER TABLE predictions ADD COLUMN details VARCHAR',
    comment('TABLE', 'predictions', 'one row per prediction'),
    ...columns.map(({ name, meaning }) => comment('COLUMN', `predictions.${name}`, meaning)),
    comment('TABLE', 'barcast_schema', 'one row per schema version that the file has had'),
    comment('COLUMN', 'barcast_schema.version', 'number of the version'),
    comment('COLUMN', 'barcast_schema.since', 'when the file got it'),
    ...progressTable,
    ...candlesTable,
    ...featuresTable,
    ...outcomesTable,
    ...logTable,
    ...jobsTable,
  ],
  [
    'ALTER TABLE feature_rows ADD COLUMN negative_zeros INTEGER[]',
    ...featureColumns.map(({ name, meaning }) => comment('COLUMN', `feature_rows.${name}`, meaning)),
    comment(
      'COLUMN',
      'progress.value',
      "commits: number of the last commit; journal: what the entries of the file's journal carry; others: the commit up to which everything was looked at",
    ),
  ],
]

async function migrate(connection: DuckDBConnection, version: number): Promise<void> {
  const steps = migrations[version - 1] as readonly string[]
  try {
    await connection.run(['BEGIN', ...steps, `INSERT INTO barcast_schema VALUES (${version}, now()::TIMESTAMP)`, 'COMMIT'].join('; '))
  } catch (cause) {
    await connection.run('ROLLBACK').catch(() => undefined)
    throw cause
  }
}

async function tableNames(connection: DuckDBConnection): Promise<string[]> {
  const result = await connection.run(
    'SELECT table_name FROM duckdb_tables() WHERE NOT internal AND database_name = current_database() ORDER BY 1',
  )
  return (await result.getRows()).map(([name]) => name as string)
}

async function schemaVersion(connection: DuckDBConnection, path: string): Promise<number> {
  let version: unknown
  try {
    const result = await connection.run('SELECT max(version) FROM barcast_schema')
    version = (await result.getRows())[0]?.[0]
  } catch (cause) {
    throw new Error(unknownVersion(path), { cause })
  }
  if (typeof version !== 'number' || version < 1) throw new Error(unknownVersion(path))
  return version
}

function unknownVersion(path: string): string {
  return `${path} has a table barcast_schema that states no version: somebody changed the file. Restore a backup of it, or name another file.`
}

function listing(names: readonly string[]): string {
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '')
}
