/**
 * DuckDB 1.5 does not keep the sign of zero: a checkpoint packs equal neighbours together, and 0 and -0 are equal to it, so that `0, -0` is
 * read back as `0, 0`, and `-0, 0` as `-0, -0`. The hash of a feature row has the sign in it, so the places are kept beside the values.
 */
export function apartFromNegativeZeros(values: Float64Array): { readonly values: Float64Array; readonly negativeZeros: number[] | null } {
  const negativeZeros: number[] = []
  for (let k = 0; k < values.length; k++) if (Object.is(values[k], -0)) negativeZeros.push(k)
  return negativeZeros.length === 0 ? { values, negativeZeros: null } : { values: values.map((value) => value + 0), negativeZeros }
}

/** Puts them back, in place. @returns `values` */
export function withNegativeZeros(values: Float64Array, negativeZeros: readonly number[] | null): Float64Array {
  for (const k of negativeZeros ?? []) values[k] = -0
  return values
}
