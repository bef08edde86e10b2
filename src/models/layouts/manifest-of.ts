import type { Manifest } from '../model.js'

type Needed = 'version' | 'timeframe' | 'features' | 'output'

/** A manifest of what a layout knows, perhaps without the horizon; the rest is as in a bundle that does not state it. */
export function manifestOf<HorizonBars extends number | undefined = number>(
  known: Pick<Manifest, Needed> & Partial<Omit<Manifest, 'horizonBars'>> & { readonly horizonBars: HorizonBars },
): Omit<Manifest, 'horizonBars'> & { readonly horizonBars: HorizonBars } {
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
