import { exp } from './exp'

/** What an objective does to raw scores. The numbers are known to src/objective.ts. */
export const enum Transform {
  None,
  /** 1 / (1 + e^(-parameter · score)), of the first score. */
  Sigmoid,
  /** The same of every score. */
  Sigmoids,
  Softmax,
  /** e^score of the first score. */
  Exp,
  /** sign · score² of the first score. */
  SignedSquare,
  /** log(1 + e^score) of the first score. */
  Softplus,
}

/** Transforms f64 [size] in place, with the operations of LightGBM's `ConvertOutput` in their order. */
export function transformScores(scores: usize, size: u32, transform: Transform, parameter: f64): void {
  switch (transform) {
    case Transform.None:
      return
    case Transform.Sigmoid:
      store<f64>(scores, 1 / (1 + exp(-parameter * load<f64>(scores))))
      return
    case Transform.Sigmoids:
      for (let k: u32 = 0; k < size; k++) {
        const score = scores + (<usize>k << 3)
        store<f64>(score, 1 / (1 + exp(-parameter * load<f64>(score))))
      }
      return
    case Transform.Softmax:
      softmax(scores, size)
      return
    case Transform.Exp:
      store<f64>(scores, exp(load<f64>(scores)))
      return
    case Transform.SignedSquare: {
      const score = load<f64>(scores)
      store<f64>(scores, <f64>(i32(score > 0) - i32(score < 0)) * score * score)
      return
    }
    case Transform.Softplus:
      store<f64>(scores, NativeMath.log1p(exp(load<f64>(scores))))
      return
  }
}

function softmax(scores: usize, size: u32): void {
  const end = scores + (<usize>size << 3)
  let largest = load<f64>(scores)
  // As std::max: a NaN neither wins nor, once first, loses.
  for (let score = scores + 8; score < end; score += 8) largest = load<f64>(score) < largest ? largest : load<f64>(score)
  let sum: f64 = 0
  for (let score = scores; score < end; score += 8) {
    const power = exp(load<f64>(score) - largest)
    store<f64>(score, power)
    sum += power
  }
  for (let score = scores; score < end; score += 8) store<f64>(score, load<f64>(score) / sum)
}
