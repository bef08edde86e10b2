import { setTimeout } from 'node:timers/promises'
import { mkdir, cp } from 'node:fs/promises'
import { join } from 'node:path'
import { minutesPerRow } from '../../src/features/ml-layer-1/catalogue.js'
import { ask, networkBodies } from './check-answers.js'
import { hourly } from './directory.js'
import type { Figure, Measuring } from './figure.js'
import { linkBundles } from './link-bundles.js'
import { median } from './quantile.js'
import { bodyOf, createWalk } from './walk.js'

/** How long after it is ready a server is asked: at once, or when it has come to rest. */
const pausesMs = [0, 2_000] as const

/**
 * From the request of a model that is not in memory to its answer. More than 50 models are loaded when they are asked; each round is a server of its own,
 * so every first request is the first of its family in the process.
 */
export async function measureFirstLoads({ folder, directory, rounds, start }: Measuring): Promise<Figure[]> {
  const lazy = join(folder, 'lazy')
  await mkdir(lazy)
  await cp(directory, lazy, { recursive: true })
  await linkBundles(lazy, 30)
  const hour = hourly.baseBars + hourly.bufferBars
  const hours = createWalk('1h', hour, 5)
  const hourBody = (model: string) => bodyOf(hours, hour - 1, hour, { model })
  const minuteBody = bodyOf(createWalk('1m', minutesPerRow, 6), minutesPerRow - 1, minutesPerRow, {
    model: 'layer-one-all',
    symbol: 'BTCUSDT',
  })
  const firsts: readonly (readonly [string, string])[] = [
    ['ONNX, first of the process', networkBodies(createWalk('15m', 359, 7), 358)[0]!],
    ['LightGBM, 440 features', hourBody('wide-0')],
    ['XGBoost', hourBody('xgboost-0')],
    ["ML layer 1's six models", minuteBody],
    ['ONNX, another one', networkBodies(createWalk('15m', 359, 7), 358)[1]!],
    ['LightGBM, another one', hourBody('wide-1')],
  ]
  const figures: Figure[] = []
  for (const pauseMs of pausesMs) {
    const times = firsts.map((): number[] => [])
    const cpuMs = firsts.map((): number[] => [])
    const repeats = firsts.map((): number[] => [])
    for (let round = 0; round < rounds; round++) {
      const server = await start(lazy)
      try {
        await setTimeout(pauseMs)
        // The family that is asked first pays for what the process does for the first time: each has its turn.
        for (const nth of turned(firsts.length, round)) {
          const [, body] = firsts[nth]!
          const before = server.cpuSeconds().all
          times[nth]!.push(await timed(() => ask(server.url, body)))
          cpuMs[nth]!.push((server.cpuSeconds().all - before) * 1000)
          repeats[nth]!.push(await timed(() => ask(server.url, body)))
        }
      } finally {
        await server.stop()
      }
    }
    const when = pauseMs === 0 ? 'at once after the start' : `${pauseMs / 1000} s after the start`
    firsts.forEach(([title], nth) =>
      figures.push({
        figure: `first load, ${title}, ${when}`,
        must: nth === 3 ? '' : '100 ms',
        measured: `${median(times[nth]!).toFixed(1)} ms (best ${Math.min(...times[nth]!).toFixed(1)}, worst ${Math.max(...times[nth]!).toFixed(1)})`,
        how: `CPU ${median(cpuMs[nth]!).toFixed(0)} ms, asked again at once ${median(repeats[nth]!).toFixed(1)} ms`,
      }),
    )
  }
  return figures
}

/** 0 … count − 1, beginning at another place in each round. */
function turned(count: number, round: number): number[] {
  return Array.from({ length: count }, (_, k) => (k + round) % count)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}
