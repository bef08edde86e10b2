import type { Model } from './prepare.js'

/** What is timed, and the ratio to native LightGBM that it has to reach. */
export interface Metric {
  title: string
  /** `fast`: one row per call; `mat`: `block` rows per call; `load`: text to first prediction, against the native load alone. */
  how: 'fast' | 'mat' | 'load'
  kind: 'raw' | 'contrib'
  /** The scorer: with SIMD, or the one that runs without. */
  scorer: 'simd' | 'scalar'
  block: number
  /** Rows of one round. */
  rows: (model: Model) => number
  rounds: number
  must: number
  stretch: number
}

// A round of contributions should stay near a second: about 8 µs per leaf of the model were seen for native LightGBM.
const contribRows = (model: Model) => Math.max(1, Math.min(20, Math.round(400_000 / model.nodes)))

export const metrics: readonly Metric[] = [
  {
    title: 'single row, rounds of 1000 / `SingleRowFast`',
    how: 'fast',
    kind: 'raw',
    scorer: 'simd',
    block: 1,
    rows: () => 1000,
    rounds: 5,
    must: 0.25,
    stretch: 0.15,
  },
  // The other side's turn and the switch between two processes leave the caches cold, which the first hundred rows pay for.
  {
    title: 'single row, rounds of 100 / `SingleRowFast`',
    how: 'fast',
    kind: 'raw',
    scorer: 'simd',
    block: 1,
    rows: () => 100,
    rounds: 7,
    must: 0.25,
    stretch: 0.15,
  },
  {
    title: '64 rows / `PredictForMat`',
    how: 'mat',
    kind: 'raw',
    scorer: 'simd',
    block: 64,
    rows: () => 512,
    rounds: 5,
    must: 0.15,
    stretch: 0.08,
  },
  {
    title: '1000 rows / `PredictForMat`',
    how: 'mat',
    kind: 'raw',
    scorer: 'simd',
    block: 1000,
    rows: () => 1000,
    rounds: 5,
    must: 0.1,
    stretch: 0.05,
  },
  {
    title: 'load: bytes → first prediction / native load',
    how: 'load',
    kind: 'raw',
    scorer: 'simd',
    block: 1,
    rows: () => 1,
    rounds: 3,
    must: 1,
    stretch: 0.4,
  },
  {
    title: 'TreeSHAP, one row / native',
    how: 'fast',
    kind: 'contrib',
    scorer: 'simd',
    block: 1,
    rows: contribRows,
    rounds: 3,
    must: 1,
    stretch: 0.7,
  },
  {
    title: 'TreeSHAP, 1000 rows / native',
    how: 'mat',
    kind: 'contrib',
    scorer: 'simd',
    block: 1000,
    rows: () => 1000,
    rounds: 1,
    must: 0.5,
    stretch: 0.25,
  },
  {
    title: 'without WASM SIMD, single row, rounds of 1000 / `SingleRowFast`',
    how: 'fast',
    kind: 'raw',
    scorer: 'scalar',
    block: 1,
    rows: () => 1000,
    rounds: 5,
    must: 0.8,
    stretch: 0.5,
  },
]
