import type { ToldManifest } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import { familyOf, familyRank } from './family-rank.js'
import { targetFilter } from './target-filter.js'

/** A model that cannot be asked, and why. */
export interface RefusedModel {
  readonly model: string
  readonly family: string
  readonly reason: string
  readonly manifest: ToldManifest
  /** Place among the families, from 0 on; 0 when none are named. */
  readonly rank: number
}

export interface RefusedAsked {
  readonly target: string
  /** Families in their order; undefined: all. */
  readonly families: readonly string[] | undefined
  readonly symbol: string | undefined
  readonly timeframe: string | undefined
}

/** Models of a target, a market and a timeframe that were refused when they were loaded, of the families that are asked: these in their order. */
export function refusedOfTarget(registry: Pick<Registry, 'entries'>, asked: RefusedAsked): RefusedModel[] {
  const { target, families, symbol, timeframe } = asked
  const isOfTarget = targetFilter(target, registry)
  return registry
    .entries()
    .flatMap((entry) => {
      if (entry.state !== 'refused' || entry.manifest === undefined || !isOfTarget(entry.manifest)) return []
      const { manifest } = entry
      if (symbol !== undefined && (manifest.symbol ?? symbol) !== symbol) return []
      // One that could not tell its timeframe may be of any.
      if (timeframe !== undefined && (manifest.timeframe ?? timeframe) !== timeframe) return []
      const rank = families === undefined ? 0 : familyRank(manifest, families)
      if (rank === -1) return []
      const reason = `refused (${entry.reason}): ${entry.detail}`
      return [{ model: entry.name, family: familyOf(manifest), reason, manifest, rank }]
    })
    .sort((a, b) => a.rank - b.rank)
}
