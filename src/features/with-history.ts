import { nearestName } from '../nearest-name.js'
import { FeatureMismatch, type Catalogue, type Plan, type Window } from './catalogue.js'

const mostBarsBack = 10_000

/**
 * A catalogue that also knows its features some bars back: `rsi_14@3` is the `rsi_14` of the third bar before the target bar. Models that read
 * sequences name every value that they take, oldest bar first. The bars that reach furthest back are taken from the window's buffer: a
 * feature `@k` is computed over `baseBars + bufferBars − (largest k)` bars that end k bars earlier.
 */
export function withHistory(catalogue: Catalogue): Catalogue {
  const known = new Set(catalogue.names)
  return { ...catalogue, compile }

  function compile(wanted: readonly string[], window: Window): Plan {
    const places = wanted.map((name) => ({ name, ...split(name) }))
    const most = places.reduce((furthest, { back }) => Math.max(furthest, back), 0)
    if (most === 0 && places.every(({ name, base }) => name === base)) return catalogue.compile(wanted, window)
    refuseUnknown(places)
    if (most >= window.bufferBars + window.baseBars || most > window.bufferBars) {
      throw new RangeError(`features reach ${most} bars back, and buffer_bars is ${window.bufferBars}: it must be at least ${most}`)
    }
    return createPlan(wanted, places, catalogue, { baseBars: window.baseBars, bufferBars: window.bufferBars - most }, window)
  }

  /** A name that the catalogue knows as it stands is that one. */
  function split(name: string): { base: string; back: number } {
    const at = name.lastIndexOf('@')
    const digits = name.slice(at + 1)
    if (at < 1 || known.has(name) || !/^\d{1,5}$/.test(digits) || Number(digits) > mostBarsBack) return { base: name, back: 0 }
    return { base: name.slice(0, at), back: Number(digits) }
  }

  function refuseUnknown(places: readonly { readonly name: string; readonly base: string }[]): void {
    const unknown = places.filter(({ base }) => !isKnown(base))
    if (unknown.length === 0) return
    throw new FeatureMismatch(
      catalogue.name,
      unknown.map(({ name, base }) => ({ name, nearest: nearestName(base, catalogue.names) })),
    )
  }

  /** Catalogues may know names that they do not list. */
  function isKnown(name: string): boolean {
    if (known.has(name)) return true
    try {
      catalogue.compile([name], { baseBars: 1000, bufferBars: 0 })
      return true
    } catch (error) {
      if (error instanceof FeatureMismatch) return false
      throw error
    }
  }
}

function createPlan(
  names: readonly string[],
  places: readonly { readonly base: string; readonly back: number }[],
  catalogue: Catalogue,
  inner: Window,
  { baseBars, bufferBars }: Window,
): Plan {
  const bases = [...new Set(places.map(({ base }) => base))]
  const plan = catalogue.compile(bases, inner)
  const columns = new Map(bases.map((base, column) => [base, column]))
  const backs = [...new Set(places.map(({ back }) => back))]
  const rows = backs.map((back) => ({
    back,
    targets: places.flatMap((place, target) => (place.back === back ? [{ target, column: columns.get(place.base)! }] : [])),
  }))
  const row = new Float64Array(bases.length)
  return {
    names: [...names],
    windowBars: baseBars + bufferBars,
    compute(frame, lastBar, out, offset = 0) {
      for (const { back, targets } of rows) {
        plan.compute(frame, lastBar - back, row)
        for (const { target, column } of targets) out[offset + target] = row[column]!
      }
    },
  }
}

/** The names of a sequence: every feature of `length` bars, oldest bar first, features in their order within a bar. */
export function sequenceNames(features: readonly string[], length: number): string[] {
  return Array.from({ length }, (_, step) => {
    const back = length - 1 - step
    return features.map((name) => (back === 0 ? name : `${name}@${back}`))
  }).flat()
}
