import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'

const openDuckDB = `
const { limitDatabaseAllocator } = await import('./src/memory-limits.ts')
limitDatabaseAllocator(process.env)
const options = process.env.DUCKDB_JE_MALLOC_CONF
process.env.DUCKDB_JE_MALLOC_CONF += ',confirm_conf:true'
const { DuckDBInstance } = await import('@duckdb/node-api')
await DuckDBInstance.create(':memory:')
console.log(options)
`

const run = (env: NodeJS.ProcessEnv) =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', openDuckDB], { env: { ...process.env, ...env } })

t.test('limitDatabaseAllocator', (t) => {
  t.test('DuckDB takes the options', { skip: process.platform !== 'linux' }, async (t) => {
    const { stdout, stderr } = await run({})
    for (const option of stdout.trim().split(',')) t.match(stderr, `Set conf value: ${option}`)
    t.match(stdout, 'narenas:1')
  })

  t.test('what the environment says stays', async (t) => {
    const { stdout } = await run({ DUCKDB_JE_MALLOC_CONF: 'narenas:4' })
    t.equal(stdout.trim(), 'narenas:4')
  })

  t.end()
})
