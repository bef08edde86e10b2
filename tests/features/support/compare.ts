/** Equal bits, NaN like NaN, +0 like −0. */
export function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}

/** Equal, or finite and within a relative tolerance of the larger one, or within an absolute one. */
export function near(a: number, b: number, relative: number, absolute = 0): boolean {
  if (same(a, b)) return true
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false
  return Math.abs(a - b) <= Math.max(relative * Math.max(Math.abs(a), Math.abs(b)), absolute)
}

/** Base name, without the timeframe. */
export function baseName(name: string): string {
  return name.replace(/_(1H|4H|12H|1D)$/, '')
}

/** Features that trees split by one ulp: they need the reference's bits. */
export const exactFeatures = /^(time_|close_aroon_)/
