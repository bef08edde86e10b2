import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { Replayable } from './replay-together.js'

/** Bars from the first to the last of a cluster, at most: the candles of one read, 400 kB. */
const mostBars = 8_192

/** Cuts predictions into runs of one series whose windows lie close together, by bar time, so that reading candles for a run reads few for nothing. */
export function clusterByTime(asked: readonly Replayable[]): Replayable[][] {
  const series = new Map<string, Replayable[]>()
  for (const replayable of asked) {
    const { symbol, timeframe } = replayable.prediction
    const key = `${symbol}\n${timeframe}`
    const members = series.get(key)
    if (members === undefined) series.set(key, [replayable])
    else members.push(replayable)
  }
  return [...series.values()].flatMap(cut)
}

function cut(members: Replayable[]): Replayable[][] {
  const clusters: Replayable[][] = []
  let firstMs = NaN
  let lastMs = NaN
  for (const replayable of members.sort((a, b) => a.prediction.barTimeMs - b.prediction.barTimeMs)) {
    const { barTimeMs, timeframe, baseBars, bufferBars } = replayable.prediction
    const barMs = durationMs(timeframe as Timeframe)
    const isClose = barTimeMs - lastMs <= 2 * (baseBars + bufferBars) * barMs && barTimeMs - firstMs < mostBars * barMs
    if (isClose) clusters.at(-1)!.push(replayable)
    else {
      clusters.push([replayable])
      firstMs = barTimeMs
    }
    lastMs = barTimeMs
  }
  return clusters
}
