import type { Manifest } from './model.js'

/** Whether a model can be asked with this value of a feature: false for ±∞, float32's too, where its scaler takes finite values only. */
export function takesInput({ scaling, inputPrecision }: Pick<Manifest, 'scaling' | 'inputPrecision'>, value: number): boolean {
  return scaling?.finiteOnly !== true || Math.abs(inputPrecision === 'float32' ? Math.fround(value) : value) !== Infinity
}
