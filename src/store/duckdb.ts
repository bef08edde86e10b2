import type { NewPrediction, Recorded, Store } from './store.js'
import { commit } from './duckdb/commit.js'
import { openDatabase } from './duckdb/database.js'
import { blamesRows } from './duckdb/failure.js'
import { createGroupCommit } from './duckdb/group-commit.js'
import { listPage } from './duckdb/list.js'
import { readRows, selectList } from './duckdb/read-rows.js'
import { createSession } from './duckdb/session.js'

export interface DuckdbStoreParts {
  /** Made with its folder when it does not exist; `:memory:` keeps nothing. One store per file and process. */
  readonly path: string
  /** Told after each commit: rows added, seconds from the first statement to the end of the commit. */
  readonly onCommit?: (rows: number, seconds: number) => void
}

/**
 * Predictions in a DuckDB file. `docs/store.md` describes the table for people who open it.
 * @throws Error with one clear sentence: not a DuckDB file, not ours, of a newer version, held by another process, …
 */
export async function openDuckdbStore({ path, onCommit }: DuckdbStoreParts): Promise<Store> {
  const session = createSession(await openDatabase(path), () => openDatabase(path))
  const queue = createGroupCommit<NewPrediction, Recorded>({ commit: commitGroup, retryApart: blamesRows, maxItems: 5_000 })
  let closed: Promise<void> | undefined

  return {
    record: (predictions) => queue.submit(predictions),
    find: (id) =>
      session.read(async ({ reader }) => {
        const result = await reader.run(`SELECT ${selectList} FROM predictions WHERE id = ?`, [id])
        return (await readRows(result))[0]
      }),
    list: (query) => session.read(({ reader }) => listPage(reader, query)),
    revision: () => session.peek(({ revision }) => revision),
    close: () => (closed ??= queue.close().then(() => session.close())),
  }

  function commitGroup(predictions: readonly NewPrediction[]): Promise<readonly Recorded[]> {
    return session.write(async (database) => {
      const started = performance.now()
      const recorded = await commit(database, predictions)
      const rows = recorded.filter(({ isNew }) => isNew).length
      if (rows > 0) onCommit?.(rows, (performance.now() - started) / 1000)
      return recorded
    })
  }
}
