import { layerOneHorizon, type Producer } from './layer-one.js'
import { type Combined, type Member, memberAnswer } from './member.js'

/**
 * ML layer 1's ensemble: the first member is the sequence model, its outputs are the horizons from 1 on (or one, for a single horizon); every other
 * is a tree of one horizon. Rows are by horizon. A member that has no value leaves its horizons without one: nothing is put in its place.
 */
export function combineLayerOne(
  [sequence, ...trees]: readonly Member[],
  { weight, producer }: { readonly weight: number; readonly producer: Producer },
): Combined {
  const byHorizon = [...trees].sort((a, b) => a.horizonBars - b.horizonBars)
  const horizons = byHorizon.map(({ horizonBars, values }) => {
    const m = sequence!.values?.[sequence!.values.length === 1 ? 0 : horizonBars - 1] ?? Number.NaN
    const l = values?.[0] ?? Number.NaN
    return { horizonBars, m, l, ...layerOneHorizon(m, l, weight, producer) }
  })
  return {
    values: Float64Array.from(horizons, ({ prediction }) => prediction),
    details: {
      rule: 'layer-one',
      members: [sequence!, ...trees].map(memberAnswer),
      weight,
      producer,
      horizons: horizons.map(({ horizonBars, m, l, prediction, direction, confidence, percentChange }) => ({
        horizon_bars: horizonBars,
        sequence: finite(m),
        trees: finite(l),
        prediction: finite(prediction),
        direction: finite(direction),
        confidence: finite(confidence),
        percent_change: finite(percentChange),
      })),
    },
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
