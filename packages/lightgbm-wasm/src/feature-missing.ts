/**
 * How a feature's splits treat what is missing. `none`: NaN counts as 0 in at least one of them. `zero`: zeros and NaN are missing.
 * `nan`: NaN is missing (categorical splits too: NaN is in no set). `unused`: no tree splits on it.
 */
export type FeatureMissing = 'none' | 'zero' | 'nan' | 'unused'

/** From the bits of the kinds of conditions on a feature, numbered as in assembly/conditions.ts. */
export function featureMissing(kinds: number): FeatureMissing {
  if (kinds === 0) return 'unused'
  if (kinds & 0b1) return 'none'
  return kinds & 0b110 ? 'zero' : 'nan'
}
