import { join } from 'node:path'
import type { Test } from 'tap'
import { runCommand } from '../../../src/commands/run.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Barcast {
  /** A folder that is gone after the test. */
  readonly folder: string
  readonly database: string
  /** A path in the folder. */
  readonly at: (name: string) => string
  /** Runs a command in this process, on the database of the folder. */
  readonly run: (words: readonly string[], changes?: Changes) => Promise<Ran>
}

interface Changes {
  readonly env?: Record<string, string>
  readonly isTerminal?: boolean
  readonly signal?: AbortSignal
  readonly nowMs?: () => number
}

/** Commands as a user would run them in an empty folder; no server listens unless the test starts one. */
export function barcast(t: Test): Barcast {
  const folder = temporaryFolder(t)
  const at = (name: string) => join(folder, name)
  const database = at('barcast.duckdb')
  return { folder, database, at, run }

  async function run(words: readonly string[], changes: Changes = {}): Promise<Ran> {
    const { env, isTerminal = false, signal = new AbortController().signal, nowMs } = changes
    const written = { stdout: '', stderr: '' }
    const output = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (written[name] += text) })
    const code = await runCommand(words, {
      env: { BARCAST_DATABASE: database, BARCAST_PORT: '9', ...env },
      ...{ stdout: output('stdout'), stderr: output('stderr'), isTerminal, signal },
      ...(nowMs && { nowMs }),
    })
    return { code, ...written }
  }
}
