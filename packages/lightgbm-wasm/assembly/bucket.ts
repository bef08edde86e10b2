// Added to a double below 2^51, it leaves the nearest integer in the last bits: V8 takes 15 instructions and a branch to convert one.
export const ROUNDING: f64 = 6755399441055744

/**
 * The bucket of x is monotone in x, so thresholds of lower buckets are below x and those of higher ones are not. NaN is in the first one.
 */
// @ts-ignore: decorator
@inline
export function bucketOf(x: f64, lowest: f64, perUnit: f64, last: f64): i32 {
  if (ASC_FEATURE_SIMD) {
    return i32x4.extract_lane(bucketsOf(f64x2.splat(x), f64x2.splat(lowest), f64x2.splat(perUnit), f64x2.splat(last)), 0)
  }
  let place = (x - lowest) * perUnit
  place = place > 0 ? place : 0
  place = place < last ? place : last
  return <i32>reinterpret<i64>(place + ROUNDING)
}

/** The same for two values; i32 in the lanes 0 and 2. */
// @ts-ignore: decorator
@inline
export function bucketsOf(x: v128, lowest: v128, perUnit: v128, last: v128): v128 {
  return bucketsRounded(x, lowest, perUnit, last, f64x2.splat(ROUNDING))
}

// @ts-ignore: decorator
@inline
export function bucketsRounded(x: v128, lowest: v128, perUnit: v128, last: v128, rounding: v128): v128 {
  const places = f64x2.mul(f64x2.sub(x, lowest), perUnit)
  return f64x2.add(f64x2.pmin(last, f64x2.pmax(f64x2.splat(0), places)), rounding)
}
