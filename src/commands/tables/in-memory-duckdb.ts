import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/**
 * Runs work on a DuckDB of this command alone, which is gone afterwards. The service's own file is never opened by it.
 * Rows keep their order, stamps are UTC, nothing is fetched from the network.
 */
export async function withDuckdb<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  try {
    const connection = await instance.connect()
    try {
      return await work(connection)
    } finally {
      connection.closeSync()
    }
  } finally {
    instance.closeSync()
  }
}
