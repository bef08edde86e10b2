import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

/** Opens a DuckDB file in a process of its own, which does nothing else until the test ends. Returns its PID. */
export async function holdDatabase(t: Test, path: string): Promise<number> {
  const script = `import { DuckDBInstance } from '@duckdb/node-api'
const instance = await DuckDBInstance.create(process.argv[1])
await (await instance.connect()).run('SELECT 1')
console.log('open')
setInterval(() => instance, 60_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await once(child, 'close')
  })
  await once(child.stdout, 'data')
  return child.pid!
}
