import type { Catalogue, Window } from '../catalogue.js'
import { placesOf } from '../places-of.js'
import { createPlan, type Column } from './plan.js'
import { features, nBase } from './table/table.js'
import { rowsKept, timeframes } from './timeframes.js'

/**
 * The features of the hourly multi-timeframe pipeline: 110 base features and 11 current-bar features with three lags, each on 1H, 4H,
 * 12H and 1D rows made of hourly candles. Compatible with the pipeline bug for bug; docs/features.md lists them.
 */
export function multiTimeframe(): Catalogue {
  const columns = new Map<string, Column>()
  for (const { from, to } of [
    { from: 0, to: nBase },
    { from: nBase, to: features.length },
  ]) {
    timeframes.forEach(({ suffix }, timeframe) => {
      for (let slot = from; slot < to; slot++) columns.set(`${features[slot]!.name}_${suffix}`, { timeframe, slot })
    })
  }
  const names = [...columns.keys()]
  const unreproducible = new Map(
    [...columns].flatMap(([name, { slot }]): [string, string][] => {
      const why = features[slot]!.unreproducible
      return why === undefined ? [] : [[name, why]]
    }),
  )
  return {
    name: 'multi-timeframe',
    version: 1,
    timeframes: ['1h'],
    names,
    unreproducible,
    compile(wanted, window) {
      checkWindow(window)
      return createPlan([...wanted], placesOf({ name: 'multi-timeframe', names }, columns, wanted), window)
    },
    barsPerTimeframe({ baseBars }) {
      return Object.fromEntries(timeframes.map(({ suffix, hours }) => [suffix, rowsKept(baseBars, hours)]))
    },
  }
}

function checkWindow({ baseBars, bufferBars }: Window): void {
  if (!Number.isSafeInteger(baseBars) || baseBars < 1) throw new RangeError(`baseBars must be a whole number above 0, not ${baseBars}`)
  if (!Number.isSafeInteger(bufferBars) || bufferBars < 0) throw new RangeError(`bufferBars must be a whole number, not ${bufferBars}`)
}
