import { takesInput } from './takes-input.js'
import type { Scorer } from './families/family.js'
import type { Activation, Manifest, Scaling, Scores } from './model.js'
import { Refused } from './refused.js'

/** Scoring of feature rows as the catalogue gives them: at once, or later for families that work beside the event loop. */
export interface ShapedScore {
  readonly now: ((rows: Float64Array) => Scores) | undefined
  readonly later: (rows: Float64Array) => Promise<Scores>
}

/**
 * Puts what the manifest says around a family's scoring: rounding and scaling before it, an activation behind it.
 * @throws Refused `bad-manifest` when the scaling does not fit the inputs
 */
export function shapedScore(scorer: Scorer, manifest: Manifest): ShapedScore {
  const { scaling, activation = 'none', inputPrecision } = manifest
  const { score, scoreLater, nInputs, nOutputs } = scorer
  if (scaling !== undefined && nInputs % scaling.mean.length !== 0)
    throw new Refused('bad-manifest', `model.json: scaling has ${scaling.mean.length} entries, which do not fit ${nInputs} inputs`)
  if (scaling === undefined && activation === 'none' && inputPrecision === undefined) {
    return { now: score, later: scoreLater ?? ((rows) => Promise.resolve(score!(rows))) }
  }
  const before = (rows: Float64Array) => scaled(inputPrecision === undefined ? rows : rows.map(Math.fround))
  const scaled = (rows: Float64Array) => (scaling === undefined ? rows : scale(rows, scaling))
  const behind = ({ raw, pred }: Scores, rows: Float64Array): Scores => {
    const scores = { raw, pred: activate(pred, activation, nOutputs) }
    return scaling?.finiteOnly === true ? withoutRefused(scores, rows) : scores
  }
  return {
    now: score && ((rows) => behind(score(before(rows)), rows)),
    later: async (rows) => behind(await (scoreLater ?? score!)(before(rows)), rows),
  }

  function withoutRefused({ raw, pred }: Scores, rows: Float64Array): Scores {
    for (let row = 0; row * nInputs < rows.length; row++) {
      if (rows.subarray(row * nInputs, (row + 1) * nInputs).every((value) => takesInput(manifest, value))) continue
      for (const scores of [raw, pred]) scores.fill(Number.NaN, row * nOutputs, (row + 1) * nOutputs)
    }
    return { raw, pred }
  }
}

function scale(rows: Float64Array, { mean, scale, clip }: Scaling): Float64Array {
  const n = mean.length
  return rows.map((value, i) => {
    const scaled = (value - mean[i % n]!) / scale[i % n]!
    return clip === undefined ? scaled : Math.max(-clip, Math.min(clip, scaled))
  })
}

function activate(values: Float64Array, activation: Activation, nOutputs: number): Float64Array {
  switch (activation) {
    case 'none':
      return values
    case 'exp':
      return values.map(Math.exp)
    case 'sigmoid':
      return values.map((value) => 1 / (1 + Math.exp(-value)))
    case 'softmax':
      return softmax(values, nOutputs)
  }
}

function softmax(values: Float64Array, nOutputs: number): Float64Array {
  const out = new Float64Array(values.length)
  for (let from = 0; from < values.length; from += nOutputs) {
    const row = values.subarray(from, from + nOutputs)
    const most = row.reduce((a, b) => Math.max(a, b))
    let sum = 0
    for (let k = 0; k < nOutputs; k++) sum += out[from + k] = Math.exp(row[k]! - most)
    for (let k = 0; k < nOutputs; k++) out[from + k] = out[from + k]! / sum
  }
  return out
}
