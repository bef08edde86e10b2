import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../../src/config.js'
import { killMixedRound } from '../../tests/support/kill-mixed.js'
import { backfilled, mixedCandles, nothingAcknowledged } from '../../tests/support/mixed-load.js'
import { settleEverything } from '../../tests/support/settle-everything.js'

/**
 * `kill -9` at random moments while predictions, candles with revisions, backfills and settling go on, on one database: nothing that was acknowledged may
 * be lost, nothing may be there twice, and every start takes 2 s at most. Usage: tsx bench/crash/kill-mixed.ts [rounds] [main.js]
 */
const rounds = Number(process.argv[2] ?? 100)
const mostStartMs = 2_000

const built = process.argv[3] ?? fileURLToPath(new URL('../../dist/main.js', import.meta.url))
if (!existsSync(built)) throw new Error(`${built} is missing: npm run build`)
const folder = mkdtempSync(join(tmpdir(), 'barcast-mixed-'))
const models = join(folder, 'models')
mkdirSync(models)
cpSync(join(loadConfig({}).models, backfilled), join(models, backfilled), { recursive: true })

const acknowledged = nothingAcknowledged()
const columns = mixedCandles()
const starts: number[] = []
let findings = 0
for (let round = 0; round < rounds; round++) {
  const parts = { database: join(folder, 'mixed.duckdb'), copy: join(folder, `copy-${round}.duckdb`), models, columns, acknowledged, round }
  const result = await killMixedRound({ ...parts, random: Math.random, program: [built] })
  rmSync(parts.copy, { force: true })
  for (const beside of ['wal', 'journal']) rmSync(`${parts.copy}.${beside}`, { force: true })
  if (result.startMs !== undefined) starts.push(result.startMs)
  const { predictions, candles, outcomes, jobs } = result.rows
  const start = result.startMs === undefined ? 'killed while it started' : `started in ${Math.round(result.startMs)} ms`
  console.log(
    `round ${round + 1}: ${start}, ${result.answers} answers; ${predictions} predictions, ${candles} candles, ${outcomes} outcomes, ${jobs} jobs`,
  )
  for (const finding of result.findings) console.log(`  FOUND: ${finding}`)
  findings += result.findings.length
}
const unfinished = await settleEverything({ database: join(folder, 'mixed.duckdb'), models, columns, acknowledged, program: [built] })
for (const finding of unfinished) console.log(`FOUND at the end: ${finding}`)
findings += unfinished.length
rmSync(folder, { recursive: true })

starts.sort((a, b) => a - b)
const slowest = starts.at(-1) ?? 0
const median = starts[starts.length >> 1] ?? 0
console.log(
  `${rounds} kills, ${acknowledged.answers} answers; ${findings} findings; starts: median ${Math.round(median)} ms, slowest ${Math.round(slowest)} ms`,
)
if (slowest > mostStartMs) console.log(`a start took more than ${mostStartMs} ms`)
process.exitCode = findings === 0 && slowest <= mostStartMs ? 0 : 1
