import { averageRanks } from '../outcomes/rank-correlation.js'
import { type Combined, jsonScore, type Member, memberAnswer, type Peer, valueOf } from './member.js'
import { normalQuantile } from './normal-quantile.js'

/**
 * The place of the member's prediction among those of all symbols: percentile = average rank / N, in (0, 1]; signal = Φ⁻¹ of the percentile, cut to
 * 0.001 … 0.999, then to ±3. As FoxML's ranking families: not symmetric, the top of a universe of five is 3, its bottom −0.84. With fewer symbols than
 * `min_universe` there is none.
 * @returns two values: the percentile (the raw score) and the signal
 */
export function rankAmong(
  [member]: readonly Member[],
  peers: readonly Peer[],
  { min_universe: least }: { readonly min_universe: number },
): Combined & { readonly raw: Float64Array } {
  const own = valueOf(member!)
  const n = peers.length + (own === undefined ? 0 : 1)
  const isEnough = own !== undefined && n >= least
  const ranks = isEnough ? averageRanks(Float64Array.of(...peers.map(({ value }) => value), own)) : undefined
  const percentile = ranks === undefined ? Number.NaN : ranks[n - 1]! / n
  const signal = Math.max(-3, Math.min(3, normalQuantile(Math.max(0.001, Math.min(0.999, percentile)))))
  return {
    raw: Float64Array.of(percentile),
    values: Float64Array.of(signal),
    details: {
      rule: 'rank',
      members: [memberAnswer(member!)],
      universe: n,
      min_universe: least,
      percentile: jsonScore([percentile]),
      signal_value: jsonScore([signal]),
      ...(!isEnough && {
        reason: own === undefined ? 'its value is not finite' : `${n} of at least ${least} symbols have a prediction of this bar`,
      }),
    },
  }
}
