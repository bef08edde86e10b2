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
  return sources.every(({ parentPath, name }) => statSync(`${parentPath}/${name}`).mtimeMs <= built.mtimeMs)
}
