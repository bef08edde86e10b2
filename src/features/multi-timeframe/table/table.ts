import { barRows } from './bar.js'
import { liquidityRows } from './liquidity.js'
import { oscillatorRows } from './oscillators.js'
import { priceRows } from './price.js'
import { recentRows } from './recent.js'
import type { FeatureRow } from './row.js'
import { statisticsRows } from './statistics.js'
import { trendRows } from './trend.js'
import { volatilityRows } from './volatility.js'
import { volumeRows } from './volume.js'

/** The 110 base features in the pipeline's order, grouped as docs/features.md shows them. */
export const groups = [
  { title: 'Price changes, returns, averages', rows: priceRows },
  { title: 'Oscillators', rows: oscillatorRows },
  { title: 'Volatility and bands', rows: volatilityRows },
  { title: 'Volume', rows: volumeRows },
  { title: 'Distribution', rows: statisticsRows },
  { title: 'The last bar, its time, its place in the range', rows: barRows },
  { title: 'Cycle, trend, range volatility', rows: trendRows },
  { title: 'Liquidity and late statistics', rows: liquidityRows },
] as const

export type BaseName = (typeof groups)[number]['rows'][number][0]
export type RecentName = (typeof recentRows)[number][0]

/** Furthest bar back that the lag features look at. */
export const maxLag = 3

/** What one value of one timeframe is; its place in the list is its slot in `Lookback.values`. */
export interface Feature {
  readonly name: string
  readonly minBars: number
  /** Why the pipeline's own values cannot be computed again; undefined where they can. */
  readonly unreproducible?: string | undefined
}

/** Base features, then the current-bar features, then those of lag 1, 2, 3. */
export const features: readonly Feature[] = [
  ...groups.flatMap((group) => group.rows.map(([name, minBars, , , unreproducible]: FeatureRow) => ({ name, minBars, unreproducible }))),
  ...Array.from({ length: maxLag + 1 }, (_, lag) =>
    recentRows.map(([name, minBars]) => ({ name: lag === 0 ? name : lagName(name, lag), minBars: minBars + lag })),
  ).flat(),
]

export const nBase = groups.reduce((n, group) => n + group.rows.length, 0)

/** Slot of each base feature and of each current-bar feature; lag k of the latter lies `k · recentRows.length` further on. */
export const slot = Object.freeze(Object.fromEntries(features.map(({ name }, index) => [name, index]))) as Readonly<
  Record<BaseName | RecentName, number>
>

/** Name of a current-bar feature `lag` bars back: each side of `_x_` is renamed by itself. */
export function lagName(name: string, lag: number): string {
  const cross = name.indexOf('_x_')
  if (cross >= 0) return `${lagName(name.slice(0, cross), lag)}_x_${lagName(name.slice(cross + 3), lag)}`
  if (name.includes('_current_')) return name.replaceAll('_current_', `_lag_${lag}_`)
  if (name.endsWith('_current')) return `${name.slice(0, -'_current'.length)}_lag_${lag}`
  return `${name}_lag_${lag}`
}
