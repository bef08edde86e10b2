import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * What runs barcast as `npm start` does: the build, when nothing in `src` is newer (as after `npm test`, which builds); otherwise the sources, which
 * take a second longer to start.
 */
export const program: readonly string[] = isBuilt() ? ['dist/main.js'] : ['--import', 'tsx', 'src/main.ts']

function isBuilt(): boolean {
  const built = statSync(`${root}dist/main.js`, { throwIfNoEntry: false })
  if (built === undefined) return false
  const sources = readdirSync(`${root}src`, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const newest = (path: string) => statSync(path).mtimeMs
  const oldestBuilt = Math.min(...sources.map(({ parentPath, name }) => builtMs(`${parentPath}/${name}`)))
  return sources.every(({ parentPath, name }) => newest(`${parentPath}/${name}`) <= oldestBuilt)
}

/** When the file that a source becomes was written; 0: it was not. */
function builtMs(source: string): number {
  const path = source.replace(`${root}src`, `${root}dist`).replace(/\.ts$/, '.js')
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
