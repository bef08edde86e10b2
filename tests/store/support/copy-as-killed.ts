import { copyFileSync, existsSync } from 'node:fs'

/**
 * Copies a database file that is open, with what lies beside it, as a kill would leave them; the journal first, because it says again what the others have.
 * @returns the path of the copy
 */
export function copyAsKilled(path: string, copy = `${path}-killed`): string {
  for (const beside of ['.journal', '.wal', '']) if (existsSync(path + beside)) copyFileSync(path + beside, copy + beside)
  return copy
}
