import { execFileSync } from 'node:child_process'
import { mkdir, stat } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask } from './check-answers.js'
import { hourly } from './directory.js'
import type { Figure, Measuring } from './figure.js'
import { linkBundles } from './link-bundles.js'
import { median } from './quantile.js'
import { bodyOf, createWalk } from './walk.js'

const nBundles = 500
const nFew = 60
const nAtOnce = 40
const nAsked = 60
const limitMb = 8

/** What many bundles cost at the start, what many requests for one that is not in memory cost, and what stays in memory. */
export async function measureManyBundles({ folder, rounds, start }: Measuring): Promise<Figure[]> {
  const few = join(folder, 'few')
  const many = join(folder, 'many')
  await mkdir(few)
  await mkdir(many)
  // Both are beyond the 50 that are loaded at the start.
  await linkBundles(few, nFew)
  await linkBundles(many, nBundles)
  const hour = hourly.baseBars + hourly.bufferBars
  const candles = createWalk('1h', hour, 8)
  const body = (k: number) => bodyOf(candles, hour - 1, hour, { model: `link-${k}`, symbol: 'BTCUSDT' })

  const startMs = { few: [] as number[], many: [] as number[] }
  const startCpuMs = { few: [] as number[], many: [] as number[] }
  const readMs = { few: [] as number[], many: [] as number[] }
  const readTimes: number[] = []
  const onceMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    const small = await start(few)
    startMs.few.push(small.readyMs)
    startCpuMs.few.push(small.cpuSeconds().all * 1000)
    await small.stop()
    readMs.few.push(readManifests(few, nFew))
    readMs.many.push(readManifests(many, nBundles))
    const large = await start(many)
    startMs.many.push(large.readyMs)
    startCpuMs.many.push(large.cpuSeconds().all * 1000)
    const { bytesRead, ms } = await askAtOnce(large.url, large.pid, body(round))
    const { size } = await stat(join(many, `link-${round}`, 'model.txt'))
    // Sockets are read too: the bodies are taken off.
    readTimes.push((bytesRead - nAtOnce * body(round).length) / size)
    onceMs.push(ms)
    await large.stop()
  }
  const extra = median(startMs.many) - median(startMs.few)
  return [
    {
      figure: `start to ready, ${nBundles} bundles more than ${nFew}`,
      must: 'reading their manifests',
      measured: `${extra.toFixed(0)} ms more (${median(startMs.few).toFixed(0)} → ${median(startMs.many).toFixed(0)})`,
      how: `CPU ${(median(startCpuMs.many) - median(startCpuMs.few)).toFixed(0)} ms more; finding and reading the manifests alone, in a process that has just begun: ${(median(readMs.many) - median(readMs.few)).toFixed(0)} ms more`,
    },
    {
      figure: `${nAtOnce} first requests at once`,
      must: 'load once',
      measured: `the model's files were read ${median(readTimes).toFixed(1)} times`,
      how: `model.txt and golden.jsonl are 1.6 times model.txt; all answered after ${median(onceMs).toFixed(0)} ms`,
    },
    await measureLimit(),
  ]

  async function measureLimit(): Promise<Figure> {
    const limited = await asked({ BARCAST_MODEL_MEMORY: `${limitMb}mb` })
    const free = await asked({})
    if (free.served !== nAsked) throw new Error(`without a limit ${free.served} of ${nAsked} stayed`)
    if (limited.served >= nAsked) throw new Error('the limit lets nothing go')
    return {
      figure: `${nAsked} models asked twice, BARCAST_MODEL_MEMORY=${limitMb}mb`,
      must: 'the last used stay',
      measured: `${limited.served} in memory, the last asked: ${limited.areLast ? 'yes' : 'no'}`,
      how: `resident ${limited.residentMb.toFixed(0)} MB, without a limit ${free.residentMb.toFixed(0)} MB`,
    }
  }

  async function asked(env: Record<string, string>) {
    const server = await start(many, env)
    try {
      const ids = []
      for (let k = 0; k < 2 * nAsked; k++) ids.push(JSON.stringify((await ask(server.url, body(k % nAsked))).predictions?.[0]?.y_raw))
      for (let k = 0; k < nAsked; k++)
        if (ids[k] !== ids[k + nAsked]) throw new Error(`link-${k} answers ${ids[k + nAsked]}, before ${ids[k]}`)
      const { models } = (await (await fetch(`${server.url}/models`)).json()) as { models: { name: string; state: string }[] }
      const served = models.flatMap(({ name, state }) => (state === 'served' ? Number(name.slice('link-'.length)) : []))
      const areLast = served.every((k) => k >= nAsked - served.length && k < nAsked)
      return { served: served.length, areLast, residentMb: server.residentMb().now }
    } finally {
      await server.stop()
    }
  }
}

async function askAtOnce(url: string, pid: number, body: string): Promise<{ bytesRead: number; ms: number }> {
  // What a first request reads besides its model.
  await (await fetch(`${url}/models?limit=1`)).text()
  const before = bytesReadBy(pid)
  const started = performance.now()
  const answers = await Promise.all(Array.from({ length: nAtOnce }, () => ask(url, body)))
  const ms = performance.now() - started
  const ids = new Set(answers.map(({ predictions }) => JSON.stringify(predictions?.[0]?.y_raw)))
  if (ids.size !== 1) throw new Error(`${ids.size} different answers`)
  return { bytesRead: bytesReadBy(pid) - before, ms }
}

/** Bytes that a process has asked the kernel for, of files and sockets. */
function bytesReadBy(pid: number): number {
  return Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])
}

/** Milliseconds, in a process of its own. */
function readManifests(directory: string, nManifests: number): number {
  const program = fileURLToPath(new URL('read-manifests.ts', import.meta.url))
  const { nRead, ms } = JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', program, directory], { encoding: 'utf8' })) as {
    nRead: number
    ms: number
  }
  if (nRead !== nManifests) throw new Error(`${nRead} manifests were read, not ${nManifests}`)
  return ms
}
