// The steps of contrib-path.ts and contrib-sum.ts with nothing left out, as LightGBM writes them: for paths with zero fractions that
// are 0, negative, above 1 or not finite, which only counts that contradict each other give, and for weights near overflow.
// `one` is 1 for a hot element and 0 for a cold one; a path of `depth` elements has `depth` + 1 weights.

export function extendPlain(from: usize, to: usize, depth: u32, zero: f64, one: f64): void {
  const size = <f64>(depth + 1)
  let before: f64 = 0
  for (let i: u32 = 0; i <= depth; i++) {
    const at = <usize>i << 3
    // The weight of the new last element starts as 0 and is not scaled.
    const weight = i < depth ? load<f64>(from + at) : 0
    const unknown = i < depth ? (zero * weight * <f64>(depth - i)) / size : 0
    const known = i > 0 ? (one * before * <f64>i) / size : 0
    store<f64>(to + at, unknown + known)
    before = weight
  }
}

export function unwindPlain(weights: usize, depth: u32, zero: f64, one: f64): void {
  const size = <f64>(depth + 1)
  let next = load<f64>(weights + (<usize>depth << 3))
  for (let i = <i32>depth - 1; i >= 0; i--) {
    const at = weights + (<usize>i << 3)
    const weight = load<f64>(at)
    if (one != 0) {
      const unwound = (next * size) / (<f64>(i + 1) * one)
      store<f64>(at, unwound)
      next = weight - (unwound * zero * <f64>(<i32>depth - i)) / size
    } else {
      store<f64>(at, (weight * size) / (zero * <f64>(<i32>depth - i)))
    }
  }
}

/** LightGBM's `Tree::UnwoundPathSum`. */
export function sumPlain(weights: usize, depth: u32, zero: f64, one: f64): f64 {
  const size = <f64>(depth + 1)
  let next = load<f64>(weights + (<usize>depth << 3))
  let total: f64 = 0
  for (let i = <i32>depth - 1; i >= 0; i--) {
    const weight = load<f64>(weights + (<usize>i << 3))
    const ratio = <f64>(<i32>depth - i) / size
    if (one != 0) {
      const unwound = (next * size) / (<f64>(i + 1) * one)
      total += unwound
      next = weight - unwound * zero * ratio
    } else {
      total += weight / zero / ratio
    }
  }
  return total
}

/** Weights from `from` up to before `to`, as far as they may have been left out. */
export function writeZeros(weights: usize, from: u32, to: u32): void {
  for (let i = from; i < to; i++) store<f64>(weights + (<usize>i << 3), 0)
}
