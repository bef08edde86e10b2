/**
 * What one feature is: base name, bars of its timeframe that it needs, unit, formula; and, where the pipeline's own values cannot be computed
 * again, why.
 * Notation of the formulas: docs/features.md.
 */
export type FeatureRow<Name extends string = string> = readonly [
  name: Name,
  minBars: number,
  unit: string,
  formula: string,
  unreproducible?: string,
]

/** Keeps the names as literal types, so that a kernel cannot write to a feature that does not exist. */
export function featureRows<const Rows extends readonly FeatureRow[]>(rows: Rows): Rows {
  return rows
}
