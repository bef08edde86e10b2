import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import { firstBarMs } from './support/prediction.js'

t.test('kill -9 while predictions are recorded: what was acknowledged is there, nothing is half there', async (t) => {
  const path = join(t.testdir(), 'barcast.duckdb')
  const acknowledged = new Set<string>()
  for (const run of ['a', 'b', 'c', 'd']) {
    const before = acknowledged.size
    for (const id of await recordUntilKilled(path, run, 100 + Math.random() * 400)) acknowledged.add(id)
    t.ok(acknowledged.size > before, `${acknowledged.size - before} acknowledged`)
    const store = await openDuckdbStore({ path })
    const kept = await store.list({ order: 'asc', history: true, limit: 1_000_000 })
    const byId = new Map(kept.map((row) => [row.id, row]))
    t.same(
      [...acknowledged].filter((id) => !byId.has(id)),
      [],
      'none is missing',
    )
    t.equal(byId.size, kept.length, 'none is there twice')
    t.ok(
      kept.every(({ id, supersedes }) => supersedes === null || byId.get(supersedes)?.supersededBy === id),
      'those that were replaced say so',
    )
    t.ok(
      kept.every(({ id, supersededBy }) => supersededBy === null || byId.get(supersededBy)?.supersedes === id),
      'and by whom',
    )
    let otherCandles = 0
    // Reading the candles as of every number of a long file would take minutes.
    for (const { id, revision, symbol, timeframe } of kept.slice(-150)) {
      const { close } = await store.candles.read({ symbol, timeframe }, firstBarMs, Infinity, revision)
      if (close.length !== 2 || close.some((value) => value !== Number(id.split('-')[1]) + 1)) otherCandles++
    }
    t.equal(otherCandles, 0, 'each has its candles, as they were')
    await store.close()
  }
})

/** @returns the ids that the process acknowledged before it was killed, some time after its first one */
async function recordUntilKilled(path: string, run: string, afterMs: number): Promise<string[]> {
  const script = fileURLToPath(new URL('./support/record-until-killed.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, path, run], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child.stdout, 'data')
  setTimeout(() => child.kill('SIGKILL'), afterMs)
  await once(child, 'close')
  return output.split('\n').slice(0, -1)
}
