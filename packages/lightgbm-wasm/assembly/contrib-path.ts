// The weights of a path in TreeSHAP: one per number of features known, so one more than the path has elements beside the root.
// The arithmetic is LightGBM's `Tree::ExtendPath` and `Tree::UnwindPath`, whose order fixes the bits. What is left out is what is
// certainly 0: a weight for more features known than there are hot elements (plus the root). That holds as long as zero
// fractions are in (0, 1] and weights are finite; contrib-plain.ts leaves nothing out. Signs of zeros never reach a sum.
// Both sides of an array are zero: 16 bytes before it, and from the last weight to the end of the next 16 bytes.

/** Larger weights, which only hostile trees have, might overflow in a later step. */
const LARGEST: f64 = 1e300

/** Weights after a hot element was added to a path with `count` weights, which makes `depth` elements. */
export function extendHot(from: usize, to: usize, count: u32, depth: u32, zero: f64): void {
  const size = <f64>(depth + 1)
  const end = <usize>(count + 1) << 3
  if (ASC_FEATURE_SIMD) {
    const zeros = f64x2.splat(zero)
    const sizes = f64x2.splat(size)
    const two = f64x2.splat(2)
    let up = f64x2(0, 1)
    let down = f64x2(<f64>depth, <f64>depth - 1)
    let at: usize = 0
    for (; at < end; at += 16) {
      const unknown = f64x2.div(f64x2.mul(f64x2.mul(zeros, v128.load(from + at)), down), sizes)
      const known = f64x2.div(f64x2.mul(v128.load(from + at - 8), up), sizes)
      v128.store(to + at, f64x2.add(unknown, known))
      up = f64x2.add(up, two)
      down = f64x2.sub(down, two)
    }
    v128.store(to + at, f64x2.splat(0))
  } else {
    let up: f64 = 0
    let before: f64 = 0
    for (let at: usize = 0; at < end; at += 8) {
      const weight = load<f64>(from + at)
      store<f64>(to + at, (zero * weight * (<f64>depth - up)) / size + (before * up) / size)
      before = weight
      up += 1
    }
    endWeights(to + end)
  }
}

/** Weights after a cold element was added. */
export function extendCold(from: usize, to: usize, count: u32, depth: u32, zero: f64): void {
  const size = <f64>(depth + 1)
  const end = <usize>count << 3
  if (ASC_FEATURE_SIMD) {
    const zeros = f64x2.splat(zero)
    const sizes = f64x2.splat(size)
    const two = f64x2.splat(2)
    let down = f64x2(<f64>depth, <f64>depth - 1)
    let at: usize = 0
    for (; at < end; at += 16) {
      v128.store(to + at, f64x2.div(f64x2.mul(f64x2.mul(zeros, v128.load(from + at)), down), sizes))
      down = f64x2.sub(down, two)
    }
    v128.store(to + at, f64x2.splat(0))
  } else {
    let down = <f64>depth
    for (let at: usize = 0; at < end; at += 8) {
      store<f64>(to + at, (zero * load<f64>(from + at) * down) / size)
      down -= 1
    }
    endWeights(to + end)
  }
}

/** Takes a hot element out of a path of `depth` elements with `count` weights. False when a weight has become too large. */
export function unwindHot(weights: usize, count: u32, depth: u32, zero: f64): bool {
  const size = <f64>(depth + 1)
  let largest: f64 = 0
  let at = weights + (<usize>(count - 1) << 3)
  let next = load<f64>(at)
  store<f64>(at, 0)
  for (let i = <i32>count - 2; i >= 0; i--) {
    at -= 8
    const weight = load<f64>(at)
    const unwound = (next * size) / <f64>(i + 1)
    store<f64>(at, unwound)
    largest = max(largest, abs(unwound))
    next = weight - (unwound * zero * <f64>(<i32>depth - i)) / size
  }
  return largest < LARGEST
}

/** Takes a cold element out. */
export function unwindCold(weights: usize, count: u32, depth: u32, zero: f64): bool {
  const size = <f64>(depth + 1)
  let largest: f64 = 0
  for (let i: u32 = 0; i < count; i++) {
    const at = weights + (<usize>i << 3)
    const unwound = (load<f64>(at) * size) / (zero * <f64>(depth - i))
    store<f64>(at, unwound)
    largest = max(largest, abs(unwound))
  }
  return largest < LARGEST
}

// @ts-ignore: decorator
@inline
function endWeights(end: usize): void {
  store<f64>(end, 0)
  store<f64>(end, 0, 8)
}
