/** The numeric rules of the pipeline, written the plain way, to judge the fast ones by. Arrays are plain, everything allocates. */

/** Pairwise sum in numpy's order. */
export function pair(x: readonly number[]): number {
  const n = x.length
  if (n < 8) return x.reduce((sum, v) => sum + v, 0)
  if (n > 128) {
    const half = Math.floor(n / 2)
    const split = half - (half % 8)
    return pair(x.slice(0, split)) + pair(x.slice(split))
  }
  const r = x.slice(0, 8)
  const whole = n - (n % 8)
  for (let i = 8; i < whole; i++) r[i % 8]! += x[i]!
  const [a, b, c, d, e, f, g, h] = r as [number, number, number, number, number, number, number, number]
  return x.slice(whole).reduce((sum, v) => sum + v, a + b + (c + d) + (e + f + (g + h)))
}

export const mean = (x: readonly number[]): number => pair(x) / x.length

/** Sample variance, both sums left to right. */
export function variance(x: readonly number[]): number {
  if (x.length < 2) return NaN
  const m = x.reduce((sum, v) => sum + v, 0) / x.length
  return x.reduce((sum, v) => sum + (v - m) * (v - m), 0) / (x.length - 1)
}

export const deviation = (x: readonly number[]): number => Math.sqrt(variance(x))

/** Rolling sum of the last w items: one running sum over all items, Kahan-compensated; NaN items are not added. */
export function rollSum(x: readonly number[], w: number): number {
  const window = x.slice(-w)
  if (x.length < w || window.some(Number.isNaN)) return NaN
  if (window.every((v) => v === window[0])) return window[0]! * w
  let s = 0
  let ca = 0
  let cr = 0
  x.forEach((v, i) => {
    const old = i >= w ? x[i - w]! : NaN
    if (!Number.isNaN(old)) {
      const y = -old - cr
      const u = s + y
      cr = u - s - y
      s = u
    }
    if (!Number.isNaN(v)) {
      const y = v - ca
      const u = s + y
      ca = u - s - y
      s = u
    }
  })
  return s
}

export function rollMean(x: readonly number[], w: number): number {
  const window = x.slice(-w)
  if (x.length >= w && window.every((v) => v === window[0])) return window[0]!
  const m = rollSum(x, w) / w
  return m < 0 && window.every((v) => v >= 0) ? 0 : m
}

/** Exponentially weighted means at every item; com = (span − 1)/2 or (1 − α)/α. */
export function ewm(x: readonly number[], com: number, adjust: boolean, minPeriods = 1): number[] {
  const a = 1 / (1 + com)
  const f = 1 - a
  const g = adjust ? 1 : a
  let y = x[0]!
  let w = 1
  let seen = Number.isNaN(y) ? 0 : 1
  const out = [seen >= minPeriods ? y : NaN]
  for (const v of x.slice(1)) {
    const isNumber = !Number.isNaN(v)
    if (isNumber) seen++
    if (Number.isNaN(y)) {
      if (isNumber) y = v
    } else {
      w *= f
      if (isNumber) {
        if (y !== v) y = (w * y + g * v) / (w + g)
        w = adjust ? w + g : 1
      }
    }
    out.push(seen >= minPeriods ? y : NaN)
  }
  return out
}

export const ewmSpan = (x: readonly number[], span: number): number[] => ewm(x, (span - 1) / 2, true)
export const wilder14 = (x: readonly number[]): number[] => ewm(x, (1 - 1 / 14) / (1 / 14), false, 14)

export function quantile(x: readonly number[], q: number): number {
  const sorted = [...x].sort((a, b) => a - b)
  const h = (sorted.length - 1) * q
  const i = Math.floor(h)
  const weight = h - i
  const d = sorted[i + 1]! - sorted[i]!
  return weight < 0.5 ? sorted[i]! + d * weight : sorted[i + 1]! - d * (1 - weight)
}

/** Σ (x − mx)(y − my) / (N − 1). */
export function covariance(x: readonly number[], y: readonly number[]): number {
  const mx = mean(x)
  const my = mean(y)
  return pair(x.map((v, i) => (v - mx) * (y[i]! - my))) * (1 / (x.length - 1))
}

/** |X_k| for k = 0 … N/2, by the definition; what is nothing but rounding is 0. */
export function magnitudes(x: readonly number[]): number[] {
  const n = x.length
  const tiny = 1e-12 * n * Math.max(...x.map(Math.abs))
  return Array.from({ length: n / 2 + 1 }, (_, k) => {
    const angle = (j: number) => (2 * Math.PI * ((j * k) % n)) / n
    const re = pair(x.map((v, j) => v * Math.cos(angle(j))))
    const im = pair(x.map((v, j) => v * Math.sin(angle(j))))
    const size = Math.hypot(re, im)
    return size <= tiny ? 0 : size
  })
}

/** Upper tail of χ² with 5 degrees of freedom: erfc(√x) + (2/√π)·e^(−x)·√x·(1 + 2x/3), x = Q/2. */
export function chiSquareTail5(q: number): number {
  const x = q / 2
  const z = Math.sqrt(x)
  return erfc(z) + (2 / Math.sqrt(Math.PI)) * Math.exp(-x) * z * (1 + (2 * x) / 3)
}

/** Taylor series of erf below 1.5, the continued fraction of erfc from the far end above. */
function erfc(z: number): number {
  if (z < 1.5) {
    let term = z
    let sum = z
    for (let k = 1; k < 60; k++) {
      term *= (-z * z) / k
      sum += term / (2 * k + 1)
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = z
  for (let k = 400; k > 0; k--) fraction = z + k / 2 / fraction
  return Math.exp(-z * z) / Math.sqrt(Math.PI) / fraction
}
