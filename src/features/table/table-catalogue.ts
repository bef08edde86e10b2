import type { Frame } from '../../candles/frame.js'
import type { Timeframe } from '../../candles/timeframe.js'
import type { Catalogue, Plan, Window } from '../catalogue.js'
import { placesOf } from '../places-of.js'
import type { Step } from './step.js'

export interface TableCatalogueParts {
  readonly name: string
  readonly version: number
  readonly timeframes: readonly Timeframe[]
  readonly steps: readonly Step[]
}

/** A catalogue whose features are all of one timeframe: a table of steps, each a few features that share their work. */
export function tableCatalogue({ name, version, timeframes, steps }: TableCatalogueParts): Catalogue {
  const places = new Map<string, Place>()
  for (const step of steps) step.rows.forEach((row, slot) => places.set(row.name, { step, slot, minBars: row.minBars }))
  const names = [...places.keys()]
  return {
    name,
    version,
    timeframes,
    names,
    unreproducible: new Map(),
    compile(wanted, window) {
      return createPlan([...wanted], placesOf({ name, names }, places, wanted), window)
    },
    barsPerTimeframe: () => ({}),
  }
}

interface Place {
  readonly step: Step
  readonly slot: number
  readonly minBars: number
}

function createPlan(names: readonly string[], places: readonly Place[], { baseBars, bufferBars }: Window): Plan {
  const windowBars = baseBars + bufferBars
  const work = [...new Set(places.map(({ step }) => step))].map((step) => {
    const wanted = places.flatMap((place, target) => (place.step === step ? [{ target, slot: place.slot, minBars: place.minBars }] : []))
    return { run: step.run, values: new Float64Array(step.rows.length), wanted }
  })
  return {
    names,
    windowBars,
    compute(frame: Frame, lastBar: number, out: Float64Array, offset = 0) {
      const first = lastBar - windowBars + 1
      if (!(first >= 0 && lastBar < frame.nBars)) {
        throw new RangeError(`bar ${lastBar} of ${frame.nBars} does not end a window of ${windowBars} bars`)
      }
      if (offset + names.length > out.length)
        throw new RangeError(`${names.length} features from ${offset} on do not fit ${out.length} values`)
      for (const { run, values, wanted } of work) {
        run(frame, first, lastBar, values)
        for (const { target, slot, minBars } of wanted) out[offset + target] = windowBars >= minBars ? values[slot]! : Number.NaN
      }
    },
  }
}
