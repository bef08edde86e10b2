// Dekker's and Knuth's exact sums and products; the last rounding is Boldo and Melquiond's ("Emulation of FMA", 2008): the small
// terms are rounded to odd, so that rounding twice gives what rounding once gives. Exact where nothing over- or underflows.

/** a · b + c, rounded once. */
export function fma(a: f64, b: f64, c: f64): f64 {
  const product = a * b
  const productError = exactError(a, b, product)
  const low = c + productError
  const lowError = sumError(c, productError, low)
  const high = product + low
  const highError = sumError(product, low, high)
  return high + roundedToOdd(highError, lowError)
}

// @ts-ignore: decorator
@inline
function exactError(a: f64, b: f64, product: f64): f64 {
  const aHigh = upperHalf(a)
  const aLow = a - aHigh
  const bHigh = upperHalf(b)
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
}

// @ts-ignore: decorator
@inline
function upperHalf(x: f64): f64 {
  const scaled = 134217729 * x
  return scaled - (scaled - x)
}

// @ts-ignore: decorator
@inline
function sumError(a: f64, b: f64, sum: f64): f64 {
  const bPart = sum - a
  return a - (sum - bPart) + (b - bPart)
}

function roundedToOdd(a: f64, b: f64): f64 {
  const sum = a + b
  const error = sumError(a, b, sum)
  const bits = reinterpret<i64>(sum)
  if (error == 0 || (bits & 1) != 0) return sum
  return reinterpret<f64>(error > 0 == sum > 0 ? bits + 1 : bits - 1)
}
