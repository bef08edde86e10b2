/**
 * How many of the predictions can be chosen so that no two of their horizons overlap. Realised values over overlapping horizons share bars, so
 * neighbours are nearly the same observation (Hansen and Hodrick 1980, Journal of Political Economy 88): n predictions, one per bar, of a
 * horizon of h bars are worth about n / h independent ones. Taking the earliest that fits each time gives the most.
 * @param barTimeMs rising
 */
export function effectiveSampleSize(barTimeMs: Float64Array, horizonMs: number): number {
  let count = 0
  let freeFromMs = -Infinity
  for (const time of barTimeMs) {
    if (time < freeFromMs) continue
    count++
    freeFromMs = time + horizonMs
  }
  return count
}
