import { DuckDBInstance } from '@duckdb/node-api'

/** The rows that a statement gives in a DuckDB file that nobody has open. */
export async function queryFile(path: string, sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  const rows = await (await connection.run(sql)).getRows()
  connection.closeSync()
  instance.closeSync()
  return rows
}
