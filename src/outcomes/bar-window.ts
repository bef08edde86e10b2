import type { Frame } from '../candles/frame.js'
import type { CandleStore } from '../store/candle-store.js'
import type { Series } from '../store/series.js'

/** Bars read beyond what was asked for, so that a walk through time reads each bar about once. */
const barsAhead = 4_096

/** Stored bars for a walk forward through time: one frame is kept, and read anew when it does not hold what is asked for. */
export interface BarWindow {
  /** A frame that holds at least the stored bars from `fromMs` to `toMs`, inclusive. */
  covering(fromMs: number, toMs: number): Promise<Frame>
}

export function createBarWindow(candles: Pick<CandleStore, 'read'>, series: Series, barMs: number): BarWindow {
  let kept: { readonly fromMs: number; readonly toMs: number; readonly frame: Frame } | undefined

  return {
    async covering(fromMs, toMs) {
      if (kept === undefined || fromMs < kept.fromMs || toMs > kept.toMs) {
        const throughMs = toMs + barsAhead * barMs
        kept = { fromMs, toMs: throughMs, frame: await candles.read(series, fromMs, throughMs) }
      }
      return kept.frame
    },
  }
}
