import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)

/**
 * What `npm start` hands to Node. For a try: `BENCH_NODE_FLAGS` has more flags, `BARCAST_MAIN` the program of another build.
 * @throws Error when nothing was built
 */
export function asStarted({ BENCH_NODE_FLAGS = '', BARCAST_MAIN }: NodeJS.ProcessEnv = process.env): string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: { start: string } }
  const flags = scripts.start.split(' ').slice(1)
  const main = BARCAST_MAIN ?? fileURLToPath(new URL(flags.at(-1) as string, root))
  if (!existsSync(main)) throw new Error(`${main} is not there: npm run build`)
  return [...flags.slice(0, -1), ...BENCH_NODE_FLAGS.split(' ').filter(Boolean), main]
}
