import { pairSum } from './pair-sum.js'

/** cos(2πm/100) for m = 0…25, correctly rounded. Literals, because Math.cos differs between engines in the last bit. */
const quarter = [
  1.0, 0.9980267284282716, 0.9921147013144779, 0.9822872507286887, 0.9685831611286311, 0.9510565162951535, 0.9297764858882515,
  0.9048270524660196, 0.8763066800438636, 0.8443279255020151, 0.8090169943749475, 0.7705132427757893, 0.7289686274214116,
  0.6845471059286887, 0.6374239897486897, 0.5877852522924731, 0.5358267949789967, 0.48175367410171527, 0.42577929156507266,
  0.368124552684678, 0.30901699437494745, 0.2486898871648548, 0.18738131458572463, 0.12533323356430426, 0.06279051952931337, 0.0,
]

/** Points of the transform. */
export const nPoints = 50
/** Frequencies 0…25 of a real series of 50 points. */
export const nFrequencies = 26

/**
 * Magnitudes of the unnormalised DFT of 50 points minus their pairwise mean, k = 0…25, to `out`. What is below 1e-12·50·max|x| is 0:
 * an FFT gives exact zeros where cancellation is exact, and the features test for them.
 * @param scratch at least 100 items, overwritten
 */
export function spectrum50(x: Float64Array, from: number, scratch: Float64Array, out: Float64Array): void {
  pairSum(x, from, nPoints, out, 0)
  const mean = out[0]! / nPoints
  let largest = 0
  for (let j = 0; j < nPoints; j++) {
    const v = x[from + j]! - mean
    scratch[j] = v
    if (v > largest) largest = v
    else if (-v > largest) largest = -v
  }
  fold(scratch)
  const tiny = 1e-12 * nPoints * largest
  const first = scratch[0]!
  const middle = scratch[25]!
  for (let k = 0; k < nFrequencies; k++) {
    const odd = k & 1
    const evens = odd === 0 ? sums : differences
    const sines = odd === 0 ? sineDifferences : sineSums
    let re = odd === 0 ? first + middle : first - middle
    let im = 0
    for (let j = 0, at = k * nFolded; j < nFolded; j++, at++) {
      re += scratch[evens + j]! * cosines[at]!
      im += scratch[sines + j]! * sinesTable[at]!
    }
    const magnitude = Math.sqrt(re * re + im * im)
    out[k] = magnitude <= tiny ? 0 : magnitude
  }
}

const nFolded = 12
// Places in the scratch, behind the 50 points, of the folded series.
const sums = 50
const differences = 62
const sineSums = 74
const sineDifferences = 86

/** cos(2πjk/50) is even around j = 25 and even or odd around 12.5: 12 products per frequency instead of 50. Same for sin. */
function fold(scratch: Float64Array): void {
  for (let j = 1; j <= nFolded; j++) {
    const even = scratch[j]! + scratch[50 - j]!
    const odd = scratch[j]! - scratch[50 - j]!
    const evenMirror = scratch[25 - j]! + scratch[25 + j]!
    const oddMirror = scratch[25 - j]! - scratch[25 + j]!
    scratch[sums + j - 1] = even + evenMirror
    scratch[differences + j - 1] = even - evenMirror
    scratch[sineSums + j - 1] = odd + oddMirror
    scratch[sineDifferences + j - 1] = odd - oddMirror
  }
}

const cosines = table((jk) => cosine(2 * jk))
const sinesTable = table((jk) => cosine(25 - 2 * jk))

/** Row-major [26 frequencies × j = 1…12]. */
function table(value: (jk: number) => number): Float64Array {
  return Float64Array.from({ length: nFrequencies * nFolded }, (_, at) => value(Math.floor(at / nFolded) * ((at % nFolded) + 1)))
}

/** cos(2πm/100) of any whole m, from the quarter wave. */
function cosine(m: number): number {
  const turn = ((m % 100) + 100) % 100
  const half = turn > 50 ? 100 - turn : turn
  return half > 25 ? -quarter[50 - half]! : quarter[half]!
}
