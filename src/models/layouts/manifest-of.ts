import type { Manifest } from '../model.js'

type Needed = 'version' | 'timeframe' | 'features' | 'output' | 'horizonBars'

/** A manifest of what a layout knows; the rest is as in a bundle that does not state it. */
export function manifestOf(known: Pick<Manifest, Needed> & Partial<Manifest>): Manifest {
  return Object.freeze({
    symbol: undefined,
    family: 'lightgbm',
    file: undefined,
    featureNames: undefined,
    scaling: undefined,
    activation: undefined,
    inputPrecision: undefined,
    onnx: undefined,
    quantile: undefined,
    classes: undefined,
    thresholds: undefined,
    sha256: undefined,
    ...known,
  })
}
