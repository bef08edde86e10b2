import type { Frame } from '../../../src/candles/frame.js'
import type { Series } from '../../../src/store/series.js'
import type { Store } from '../../../src/store/store.js'

/** The bars of a frame at these places. */
export function pickBars(frame: Frame, places: readonly number[]): Frame {
  const pick = (column: Float64Array) => Float64Array.from(places, (place) => column[place]!)
  return {
    nBars: places.length,
    openTimeMs: pick(frame.openTimeMs),
    open: pick(frame.open),
    high: pick(frame.high),
    low: pick(frame.low),
    close: pick(frame.close),
    volume: pick(frame.volume),
  }
}

/** Stores a long frame in calls of 5,000 bars. */
export async function keepAll(store: Store, series: Series, frame: Frame): Promise<void> {
  for (let first = 0; first < frame.nBars; first += 5_000) {
    const places = Array.from({ length: Math.min(5_000, frame.nBars - first) }, (_, k) => first + k)
    await store.candles.keep(series, pickBars(frame, places), Date.now())
  }
}
