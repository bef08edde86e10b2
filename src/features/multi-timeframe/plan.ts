import type { Frame } from '../../candles/frame.js'
import type { Plan, Window } from '../catalogue.js'
import { fillHourly, fillResampled } from './fill-rows.js'
import type { Kernel } from './kernel.js'
import { kernelOf } from './kernels/kernels.js'
import { createLookback, nLogReturns, type Lookback } from './lookback.js'
import { features } from './table/table.js'
import { rowsKept, timeframes } from './timeframes.js'

/** One column of a plan: which timeframe, which of its features. */
export interface Column {
  readonly timeframe: number
  readonly slot: number
}

/** Arithmetic for columns that are known to exist; `names` are theirs, in the same order. */
export function createPlan(names: readonly string[], columns: readonly Column[], { baseBars, bufferBars }: Window): Plan {
  const windowBars = baseBars + bufferBars
  const stages = timeframes.flatMap(({ hours }, timeframe) => createStage(columns, timeframe, hours, rowsKept(baseBars, hours)))
  return {
    names,
    windowBars,
    compute(frame, lastBar, out, offset = 0) {
      const firstBar = lastBar - windowBars + 1
      if (!(firstBar >= 0 && lastBar < frame.nBars)) {
        throw new RangeError(`bar ${lastBar} of ${frame.nBars} does not end a window of ${windowBars} bars`)
      }
      if (offset + names.length > out.length)
        throw new RangeError(`${names.length} features from ${offset} on do not fit ${out.length} values`)
      for (const stage of stages) computeStage(stage, frame, firstBar, lastBar, out, offset)
    },
  }
}

/** What is computed on one timeframe. */
interface Stage {
  readonly hours: number
  readonly rows: number
  readonly lookback: Lookback
  /** Log returns that the kernels read. */
  readonly nReturns: number
  /** In an order in which each finds what it needs. */
  readonly kernels: readonly Kernel['run'][]
  /** Rows below which a kernel does not run. */
  readonly kernelBars: readonly number[]
  /** Column, slot and rows needed of each feature asked for. */
  readonly targets: Int32Array
  readonly slots: Int32Array
  readonly minBars: Int32Array
}

function createStage(columns: readonly Column[], timeframe: number, hours: number, rows: number): Stage[] {
  const wanted = columns.flatMap((column, target) => (column.timeframe === timeframe ? [{ target, slot: column.slot }] : []))
  if (wanted.length === 0) return []
  const possible = wanted.map(({ slot }) => slot).filter((slot) => features[slot]!.minBars <= rows)
  const minBars = new Map<Kernel, number>()
  for (const slot of possible) addKernel(minBars, kernelOf(slot), features[slot]!.minBars)
  const nReturns = Math.max(0, ...[...minBars.keys()].map((kernel) => kernel.logReturns ?? 0))
  return [
    {
      hours,
      rows,
      lookback: createLookback(rows),
      nReturns,
      kernels: [...minBars.keys()].map((kernel) => kernel.run),
      kernelBars: [...minBars.values()],
      targets: Int32Array.from(wanted, ({ target }) => target),
      slots: Int32Array.from(wanted, ({ slot }) => slot),
      minBars: Int32Array.from(wanted, ({ slot }) => features[slot]!.minBars),
    },
  ]
}

/** Adds a kernel behind those that it needs; it has to run for the least demanding feature that reads it. */
function addKernel(minBars: Map<Kernel, number>, kernel: Kernel, bars: number): void {
  for (const needed of kernel.needs ?? []) addKernel(minBars, needed, bars)
  minBars.set(kernel, Math.min(bars, minBars.get(kernel) ?? Infinity))
}

function computeStage(stage: Stage, frame: Frame, firstBar: number, lastBar: number, out: Float64Array, offset: number): void {
  const { hours, rows, lookback, kernels, kernelBars, targets, slots, minBars } = stage
  if (hours === 1) fillHourly(lookback, frame, lastBar, rows)
  else fillResampled(lookback, frame, firstBar, lastBar, hours, rows)
  fillLogReturns(lookback, stage.nReturns)
  const { nBars, values } = lookback
  for (let k = 0; k < kernels.length; k++) if (nBars >= kernelBars[k]!) kernels[k]!(lookback)
  for (let j = 0; j < targets.length; j++) out[offset + targets[j]!] = nBars >= minBars[j]! ? values[slots[j]!]! : Number.NaN
}

function fillLogReturns({ nBars, close, logReturns }: Lookback, wanted: number): void {
  const n = Math.min(wanted, nBars - 1)
  for (let j = nLogReturns - n, i = nBars - n; i < nBars; i++, j++) logReturns[j] = Math.log(close[i]! / close[i - 1]!)
}
