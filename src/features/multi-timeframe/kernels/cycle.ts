import type { Kernel } from '../kernel.js'
import { pairSum } from '../numeric/pair-sum.js'
import { nFrequencies, nPoints, spectrum50 } from '../numeric/spectrum-50.js'
import { slot } from '../table/table.js'

const { close_dominant_cycle_length_50, close_cycle_strength_50, close_spectral_entropy_50 } = slot

const spectrum: Kernel = {
  writes: {},
  run({ nBars, close, scratch, magnitudes }) {
    spectrum50(close, nBars - nPoints, scratch, magnitudes)
  },
}

/** The strongest of the frequencies 1…24; among those within rounding of it, the lowest. */
export const dominantCycle: Kernel = {
  writes: { close_dominant_cycle_length_50, close_cycle_strength_50 },
  needs: [spectrum],
  run({ magnitudes, values, work }) {
    let largest = 0
    for (let k = 1; k < 25; k++) if (magnitudes[k]! > largest) largest = magnitudes[k]!
    const limit = (1 - 1e-12) * largest
    let strongest = 1
    while (magnitudes[strongest]! < limit) strongest++
    pairSum(magnitudes, 1, 24, work, 0)
    values[close_dominant_cycle_length_50] = nPoints / strongest
    values[close_cycle_strength_50] = work[0] === 0 ? Number.NaN : magnitudes[strongest]! / work[0]!
  },
}

const lnFrequencies = Math.log(nFrequencies)

export const spectralEntropy: Kernel = {
  writes: { close_spectral_entropy_50 },
  needs: [spectrum],
  run({ magnitudes, values, scratch, work }) {
    for (let k = 0; k < nFrequencies; k++) scratch[k] = magnitudes[k]! * magnitudes[k]!
    pairSum(scratch, 0, nFrequencies, work, 0)
    const power = work[0]!
    for (let k = 0; k < nFrequencies; k++) {
      const share = scratch[k]! / power
      scratch[k] = share * Math.log(share + 1e-12)
    }
    pairSum(scratch, 0, nFrequencies, work, 0)
    values[close_spectral_entropy_50] = power === 0 ? Number.NaN : -work[0]! / lnFrequencies
  },
}
