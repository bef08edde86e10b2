import type { Catalogue, Plan, Window } from '../catalogue.js'
import { placesOf } from '../places-of.js'
import { createComputeMinutes, perMinute } from './compute-minutes.js'
import { cumulativeVwap, minuteFeatures } from './minute-features.js'

/** Minutes of a flattened row. */
export const minutesPerRow = 60

/**
 * The 27 features of ML layer 1's one-minute candles, before its normalisation (which belongs to the model). A plain name is the value of
 * the newest minute; `m00_open … m59_price_position` are the 60 minutes of a flattened row, oldest first, and `Column_k` is its column k
 * (minute ⌊k/27⌋, feature k mod 27), as LightGBM names the columns of a matrix. A window of 60 bars gives what the Rust service computes;
 * a longer one gives each minute the history that it had in training.
 */
export function mlLayer1(): Catalogue {
  const each = [...minuteFeatures, cumulativeVwap].map(({ name }) => name)
  const flattened = Array.from({ length: minutesPerRow }, (_, minute) => each.map((name) => flatName(minute, name))).flat()
  const names = [...each, ...flattened]
  const places = new Map<string, Place>()
  each.forEach((name, slot) => places.set(name, { minute: minutesPerRow - 1, slot }))
  for (let minute = 0; minute < minutesPerRow; minute++) {
    each.forEach((name, slot) => places.set(flatName(minute, name), { minute, slot }))
    minuteFeatures.forEach((_, slot) => places.set(`Column_${minute * minuteFeatures.length + slot}`, { minute, slot }))
  }
  return {
    name: 'ml-layer-1',
    version: 1,
    timeframes: ['1m'],
    names,
    unreproducible: new Map(),
    compile(wanted, window) {
      return createPlan([...wanted], placesOf({ name: 'ml-layer-1', names }, places, wanted), window)
    },
    barsPerTimeframe: () => ({}),
  }
}

/** Name of a feature of one of the 60 minutes, 0 the oldest. */
export function flatName(minute: number, name: string): string {
  return `m${String(minute).padStart(2, '0')}_${name}`
}

interface Place {
  readonly minute: number
  readonly slot: number
}

function createPlan(names: readonly string[], places: readonly Place[], { baseBars, bufferBars }: Window): Plan {
  const windowBars = baseBars + bufferBars
  const computeMinutes = createComputeMinutes(windowBars)
  const values = new Float64Array(windowBars * perMinute)
  // Minutes before the window's first bar are missing.
  const from = Int32Array.from(places, ({ minute, slot }) => {
    const bar = windowBars - minutesPerRow + minute
    return bar < 0 ? -1 : bar * perMinute + slot
  })
  return {
    names,
    windowBars,
    compute(frame, lastBar, out, offset = 0) {
      const first = lastBar - windowBars + 1
      if (!(first >= 0 && lastBar < frame.nBars)) {
        throw new RangeError(`bar ${lastBar} of ${frame.nBars} does not end a window of ${windowBars} bars`)
      }
      if (offset + names.length > out.length)
        throw new RangeError(`${names.length} features from ${offset} on do not fit ${out.length} values`)
      computeMinutes(frame, first, lastBar, values)
      for (let k = 0; k < from.length; k++) out[offset + k] = from[k]! < 0 ? Number.NaN : values[from[k]!]!
    },
  }
}
