import type { Kernel } from '../kernel.js'
import { recentRows } from '../table/recent.js'
import { features, nBase } from '../table/table.js'
import { averagePerRange, averageTrueRange, exponentialPerRange, returnPerRange } from './average-true-range.js'
import { bands } from './bands.js'
import { bar, change, rateOfChange } from './bar.js'
import { calendar } from './calendar.js'
import { dominantCycle, spectralEntropy } from './cycle.js'
import { directional } from './directional.js'
import { autocorrelation, histogramEntropy, moments, percentiles, permutationEntropy } from './distribution.js'
import { exponentialAverages } from './exponential-averages.js'
import { amihud, halfLife, ljungBox, rollSpread } from './liquidity.js'
import { commodityChannel, moneyFlow, relativeStrength, smoothedStochastic, stochastic, ultimate } from './oscillators.js'
import { aroon, closeRange, donchian } from './place-in-range.js'
import { parkinsonGarmanKlass, rogersSatchell, yangZhang } from './range-volatility.js'
import { recentBars } from './recent-bars.js'
import { cumulativeReturn10, cumulativeReturn5, hurst, returns20, volatilityRatio, worstReturns } from './returns.js'
import { averageCross, closeAverage, relativeVolume, volumeAverage, weightedAverage } from './simple-averages.js'
import * as volume from './volume.js'

/** Every kernel that computes features. */
export const kernels: readonly Kernel[] = [
  ...[bar, change, rateOfChange, calendar],
  ...[closeAverage, averageCross, weightedAverage, volumeAverage, relativeVolume],
  ...[exponentialAverages, averageTrueRange, exponentialPerRange, averagePerRange, returnPerRange],
  ...[relativeStrength, stochastic, smoothedStochastic, commodityChannel, ultimate, moneyFlow],
  ...[cumulativeReturn5, cumulativeReturn10, returns20, volatilityRatio, hurst, worstReturns],
  ...[bands, parkinsonGarmanKlass, rogersSatchell, yangZhang],
  ...[volume.onBalanceVolume, volume.onBalanceVolumePerTurnover, volume.volumeWeightedPrice, volume.turnoverScore],
  ...[volume.accumulationLine, volume.accumulationPerTurnover, volume.chaikin],
  ...[percentiles, moments, autocorrelation, histogramEntropy, permutationEntropy],
  ...[closeRange, donchian, aroon, dominantCycle, spectralEntropy, directional],
  ...[rollSpread, amihud, ljungBox, halfLife, recentBars],
]

/** The kernel that computes the feature of a slot; lag features belong to the kernel of their current bar. */
export function kernelOf(slot: number): Kernel {
  const current = slot < nBase ? slot : nBase + ((slot - nBase) % recentRows.length)
  const kernel = kernels.find(({ writes }) => Object.values(writes).includes(current))
  if (kernel === undefined) throw new Error(`no kernel computes ${features[slot]?.name ?? `slot ${slot}`}`)
  return kernel
}
