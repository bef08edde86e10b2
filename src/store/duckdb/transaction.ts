import type { DuckDBConnection } from '@duckdb/node-api'
import { isDurable } from './failure.js'

/** Part of a transaction. */
export interface Step {
  /** True when it is one statement, which is a transaction by itself. */
  readonly isOneStatement: boolean
  run(): Promise<unknown>
}

export interface Transaction {
  /** Begins it now, unless it has begun. */
  begin(): Promise<void>
  /**
   * Runs steps and commits. One step of one statement needs no BEGIN and COMMIT.
   * @returns false when it is durable, but DuckDB refuses everything until the file is opened anew
   */
  commit(steps: readonly Step[]): Promise<boolean>
  /** Takes back what was done; nothing when it never began or has ended. */
  rollback(): Promise<void>
}

export function createTransaction(writer: DuckDBConnection): Transaction {
  let isOpen = false

  return { begin, commit, rollback }

  async function begin(): Promise<void> {
    if (isOpen) return
    await writer.run('BEGIN')
    isOpen = true
  }

  async function commit(steps: readonly Step[]): Promise<boolean> {
    const [only] = steps
    const byItself = !isOpen && steps.length === 1 && only?.isOneStatement === true
    try {
      if (!byItself) await begin()
      for (const step of steps) await step.run()
      if (!byItself) await writer.run('COMMIT')
    } catch (cause) {
      if (!isDurable(cause)) throw cause
      isOpen = false
      return false
    }
    isOpen = false
    return true
  }

  async function rollback(): Promise<void> {
    if (!isOpen) return
    isOpen = false
    await writer.run('ROLLBACK').catch(() => undefined)
  }
}
