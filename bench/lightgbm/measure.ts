import type { Contestant } from './contestant.js'
import type { Metric } from './metrics.js'
import type { Model } from './prepare.js'

/** Nanoseconds per row, of CPU time (per load for `load`, by the clock), of every round, and the ratio of the medians of each pass. */
export interface Measured {
  metric: Metric
  model: Model
  native: number[]
  ours: number[]
  ratios: number[]
}

/**
 * Measures one thing on one model: in every pass the two sides take turns round by round, each round on other rows than the one before,
 * and the pass's ratio is that of the two medians. Both contestants have the model and its rows.
 */
export async function measure(metric: Metric, model: Model, native: Contestant, ours: Contestant, passes: number): Promise<Measured> {
  const measured: Measured = { metric, model, native: [], ours: [], ratios: [] }
  const perRound = Math.ceil(metric.rows(model) / metric.block) * metric.block
  let turn = 0
  const round = async (contestant: Contestant): Promise<number> => {
    if (metric.how === 'load') {
      const [loaded, firstPrediction] = await contestant.numbers('load')
      return contestant === native ? loaded! : firstPrediction!
    }
    // 1009 is prime to the number of possible starts, so that starts repeat late.
    const start = (turn++ * 1009) % (model.ordinary - perRound + 1)
    const [total] = await contestant.numbers(`time ${metric.how} ${metric.kind} f64 ${start} ${perRound} ${metric.block}`)
    return total! / perRound
  }
  for (let pass = 0; pass < passes; pass++) {
    const natives: number[] = []
    const own: number[] = []
    for (let i = 0; i < metric.rounds; i++) {
      natives.push(await round(native))
      own.push(await round(ours))
      if (metric.block < 1000 || metric.kind === 'raw') natives.push(await round(native))
    }
    measured.native.push(...natives)
    measured.ours.push(...own)
    measured.ratios.push(median(own) / median(natives))
  }
  return measured
}

/** Calls until V8 has compiled what is going to be measured. */
export async function warmUp(contestant: Contestant, model: Model): Promise<void> {
  await contestant.ask('time fast raw f64 0 3000 1')
  await contestant.ask('time mat raw f64 0 2560 64')
  await contestant.ask('time mat raw f64 0 8000 1000')
  await contestant.ask(`time fast contrib f64 0 ${Math.max(2, Math.min(40, Math.round(400_000 / model.nodes)))} 1`)
  await contestant.ask('load')
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
  return low + (high - low) * (at - Math.floor(at))
}
