/** Timeframes barcast speaks, and how long one bar of each is, in milliseconds. Minutes are never months. */
const durationsMs = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '12h': 43_200_000,
  '1d': 86_400_000,
} as const

export type Timeframe = keyof typeof durationsMs

export const timeframes = Object.keys(durationsMs) as readonly Timeframe[]

/** The timeframe that a text names, whatever its case; undefined when there is none. */
export function parseTimeframe(text: string): Timeframe | undefined {
  const lower = text.toLowerCase()
  return timeframes.find((timeframe) => timeframe === lower)
}

/** Length of one bar, milliseconds. Open times of the timeframe are multiples of it since the epoch. */
export function durationMs(timeframe: Timeframe): number {
  return durationsMs[timeframe]
}
