import { firstNotBelow } from './first-not-below.js'

/** What a rolling score looks back over: so many settled predictions, or so much time. */
export type Window = { readonly rows: number } | { readonly ms: number }

/** Most points of a rolling score, and most rows that all of them together look at. */
const maxPoints = 200
const maxRows = 500_000

/** @returns undefined for a text that names no window: a number, or a number with h, d or w */
export function parseWindow(text: string): Window | undefined {
  const [, digits, unit] = /^(\d{1,6})([hdw]?)$/.exec(text) ?? []
  const amount = Number(digits)
  if (digits === undefined || amount === 0) return undefined
  return unit === '' ? { rows: amount } : { ms: amount * unitsMs[unit as keyof typeof unitsMs] }
}

const unitsMs = { h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/**
 * The rows of each full window, oldest first: the last row of each window and how many before it belong to it. Thinned evenly to at most 200, fewer
 * when windows are long; the newest is always there.
 * @param barTimeMs rising
 */
export function windowEnds(barTimeMs: Float64Array, window: Window): { first: number; end: number }[] {
  const n = barTimeMs.length
  const firstOf = (last: number) => ('rows' in window ? last + 1 - window.rows : firstNotBelow(barTimeMs, barTimeMs[last]! - window.ms + 1))
  // The first row whose window reaches back to the first row or beyond is the first full one.
  const firstFull = 'rows' in window ? window.rows - 1 : firstNotBelow(barTimeMs, barTimeMs[0]! + window.ms - 1)
  const nFull = n - firstFull
  if (n === 0 || nFull <= 0) return []
  const rowsEach = n - firstOf(n - 1)
  const nPoints = Math.min(nFull, maxPoints, Math.max(20, Math.floor(maxRows / rowsEach)))
  return Array.from({ length: nPoints }, (_, k) => {
    const last = n - 1 - Math.round(((nPoints - 1 - k) * (nFull - 1)) / Math.max(1, nPoints - 1))
    return { first: firstOf(last), end: last + 1 }
  })
}
