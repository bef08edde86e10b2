// LightGBM's `Tree::UnwoundPathSum` for the elements of a path that ends in a leaf. Each sum is made in its order of operations, two
// sums side by side (four where they are chains of divisions, to fill the wait). Left out are the terms that are certainly 0
// (contrib-path.ts), which are half of them, and divisions by 1, 2 and 4, which multiplications do to the bit.

/** Sums of the hot elements with the zero fractions at `zeros`, to `sums`, with room for one more behind both. There are `hot` of them. */
export function sumHot(weights: usize, ratios: usize, zeros: usize, sums: usize, hot: u32, depth: u32): void {
  const size = <f64>(depth + 1)
  const first = (load<f64>(weights + (<usize>hot << 3)) * size) / <f64>hot
  if (ASC_FEATURE_SIMD) {
    const end = <usize>hot << 3
    const sizes = f64x2.splat(size)
    for (let at: usize = 0; at < end; at += 32) {
      if (at + 16 >= end) {
        sumTwo(weights, ratios, zeros + at, sums + at, hot, sizes, first)
        break
      }
      const zeroA = v128.load(zeros + at)
      const zeroB = v128.load(zeros + at, 16)
      let unwoundA = f64x2.splat(first)
      let unwoundB = unwoundA
      let totalA = unwoundA
      let totalB = unwoundA
      for (let i = hot - 1; i > 0; i--) {
        const weight = v128.load64_splat(weights + (<usize>i << 3))
        const ratio = v128.load64_splat(ratios + (<usize>i << 3))
        unwoundA = f64x2.mul(f64x2.sub(weight, f64x2.mul(f64x2.mul(unwoundA, zeroA), ratio)), sizes)
        unwoundB = f64x2.mul(f64x2.sub(weight, f64x2.mul(f64x2.mul(unwoundB, zeroB), ratio)), sizes)
        if ((i & (i - 1)) != 0 || i > 4) {
          const divisor = f64x2.splat(<f64>i)
          unwoundA = f64x2.div(unwoundA, divisor)
          unwoundB = f64x2.div(unwoundB, divisor)
        } else if (i > 1) {
          const factor = f64x2.splat(i == 2 ? 0.5 : 0.25)
          unwoundA = f64x2.mul(unwoundA, factor)
          unwoundB = f64x2.mul(unwoundB, factor)
        }
        totalA = f64x2.add(totalA, unwoundA)
        totalB = f64x2.add(totalB, unwoundB)
      }
      v128.store(sums + at, totalA)
      v128.store(sums + at, totalB, 16)
    }
  } else {
    for (let e: u32 = 0; e < hot; e++) {
      const zero = load<f64>(zeros + (<usize>e << 3))
      let unwound = first
      let total = first
      for (let i = hot - 1; i > 0; i--) {
        const at = <usize>i << 3
        unwound = (load<f64>(weights + at) - unwound * zero * load<f64>(ratios + at)) * size
        if (i > 1) unwound /= <f64>i
        total += unwound
      }
      store<f64>(sums + (<usize>e << 3), total)
    }
  }
}

// @ts-ignore: decorator
@inline
function sumTwo(weights: usize, ratios: usize, zeros: usize, sums: usize, hot: u32, sizes: v128, first: f64): void {
  const zero = v128.load(zeros)
  let unwound = f64x2.splat(first)
  let total = unwound
  for (let i = hot - 1; i > 0; i--) {
    const weight = v128.load64_splat(weights + (<usize>i << 3))
    const ratio = v128.load64_splat(ratios + (<usize>i << 3))
    unwound = f64x2.mul(f64x2.sub(weight, f64x2.mul(f64x2.mul(unwound, zero), ratio)), sizes)
    if ((i & (i - 1)) != 0 || i > 4) unwound = f64x2.div(unwound, f64x2.splat(<f64>i))
    else if (i > 1) unwound = f64x2.mul(unwound, f64x2.splat(i == 2 ? 0.5 : 0.25))
    total = f64x2.add(total, unwound)
  }
  v128.store(sums, total)
}

/** The same for the cold elements, of which there are `cold`, on a path with `hot` hot ones. */
export function sumCold(weights: usize, ratios: usize, zeros: usize, sums: usize, cold: u32, hot: u32): void {
  const end = <usize>cold << 3
  if (ASC_FEATURE_SIMD) {
    for (let at: usize = 0; at < end; at += 16) {
      const zero = v128.load(zeros + at)
      let total = f64x2.splat(0)
      for (let i = <i32>hot << 3; i >= 0; i -= 8) {
        const weight = v128.load64_splat(weights + <usize>i)
        const ratio = v128.load64_splat(ratios + <usize>i)
        total = f64x2.add(total, f64x2.div(f64x2.div(weight, zero), ratio))
      }
      v128.store(sums + at, total)
    }
  } else {
    for (let at: usize = 0; at < end; at += 8) {
      const zero = load<f64>(zeros + at)
      let total: f64 = 0
      for (let i = <i32>hot << 3; i >= 0; i -= 8) total += load<f64>(weights + <usize>i) / zero / load<f64>(ratios + <usize>i)
      store<f64>(sums + at, total)
    }
  }
}
