import type { z } from 'zod'
import type { computedFeaturesSchema } from '../feature-rows/schema.js'

/** Columns, rows and timestamps as POST /features and GET /features answer them. */
export type FeatureAnswer = Pick<z.output<typeof computedFeaturesSchema>, 'columns' | 'rows' | 'timestamps'>

/** Feature values of one bar. */
export interface FeatureItem {
  /** Open of the bar, ISO 8601. */
  readonly timestamp: string
  /** As they are written in JSON: NaN is null, the infinities are texts. */
  readonly features: Readonly<Record<string, number | string | null>>
}

export function toFeatureItems({ columns, rows, timestamps }: FeatureAnswer): FeatureItem[] {
  return timestamps.map((timestamp, bar) => ({ timestamp, features: Object.fromEntries(columns.map((name, k) => [name, rows[bar]![k]!])) }))
}

/** A value of a feature as float64; what a bar does not have is NaN. */
export function featureValue({ features }: FeatureItem, name: string): number {
  const value = features[name] ?? NaN
  if (typeof value === 'number') return value
  return value === 'inf' ? Infinity : -Infinity
}
