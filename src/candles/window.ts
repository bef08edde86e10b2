import { Problem } from '../errors.js'
import { iso } from '../iso.js'
import type { Frame } from './frame.js'
import { firstBarFrom } from './first-bar-from.js'
import { durationMs, parseTimeframe, type Timeframe } from './timeframe.js'

export interface WindowNeed {
  /** Closed bars that must be there without a gap, ending at the frame's last bar. */
  readonly windowBars: number
  /** The timeframes that are resampled from the window, as keys such as `4H`: a gap is counted in rows of each. */
  readonly barsPerTimeframe?: Readonly<Record<string, number>>
  /**
   * Open time of the oldest bar that there is, epoch milliseconds, when the frame is only a part of a longer series: bars that are missing
   * at the frame's beginning are a gap then. Default: the frame's first bar.
   */
  readonly oldestMs?: number
}

/**
 * Whether the `windowBars` bars that end at bar `lastBar` are there, all of them: open times rise strictly and lie on the grid, so that
 * the distance of the ends leaves no room for a gap.
 */
export function isWindowWhole({ openTimeMs }: Frame, durMs: number, windowBars: number, lastBar: number): boolean {
  return openTimeMs[lastBar - windowBars + 1] === openTimeMs[lastBar]! - (windowBars - 1) * durMs
}

/**
 * Makes sure that the window a model needs is whole. The window is, by time, the `windowBars` bars that end at the frame's last one, or
 * at `lastBar`; what lies before it does not matter.
 * @throws Problem `not-enough-history` when the frame begins after the window does, or is empty
 * @throws Problem `gap` when bars are missing inside the window
 */
export function requireWindow(frame: Frame, timeframe: Timeframe, need: WindowNeed, lastBar = frame.nBars - 1): void {
  const { windowBars } = need
  const durMs = durationMs(timeframe)
  const lastMs = frame.openTimeMs[lastBar]
  if (lastMs === undefined) {
    throw new Problem('not-enough-history', `no candle has closed yet, ${windowBars} closed ${timeframe} candles are needed`, {
      bars_given: 0,
      bars_needed: windowBars,
      needed_from: null,
    })
  }
  const firstMs = lastMs - (windowBars - 1) * durMs
  if (isWindowWhole(frame, durMs, windowBars, lastBar)) return
  if ((need.oldestMs ?? frame.openTimeMs[0]!) > firstMs) throw notEnoughHistory(frame, timeframe, windowBars, firstMs, lastBar)
  throw gap(frame, timeframe, need, firstMs, lastMs)
}

function notEnoughHistory(frame: Frame, timeframe: Timeframe, windowBars: number, firstMs: number, lastBar: number): Problem {
  const nBars = lastBar + 1
  const last = nBars === frame.nBars ? 'the last one' : iso(frame.openTimeMs[lastBar]!)
  const upTo = nBars === frame.nBars ? '' : ` to ${last}`
  const detail =
    `${nBars} closed ${timeframe} candles were given, from ${iso(frame.openTimeMs[0]!)}${upTo}; ` +
    `${windowBars} are needed, from ${iso(firstMs)} to ${last}`
  return new Problem('not-enough-history', detail, { bars_given: nBars, bars_needed: windowBars, needed_from: iso(firstMs) })
}

function gap(frame: Frame, timeframe: Timeframe, need: WindowNeed, firstMs: number, lastMs: number): Problem {
  const missingMs = missingOpenTimes(frame, durationMs(timeframe), firstMs, lastMs)
  const missing: Record<string, number> = {}
  const firstMissingRows: Record<string, string[]> = {}
  for (const [name, rowMs] of rowLengths(timeframe, need)) {
    const rows = rowsLacking(missingMs, rowMs, lastMs)
    missing[name] = rows.length
    firstMissingRows[name] = rows.slice(0, 10).map(iso)
  }
  const shown = missingMs.slice(0, 10).map(iso)
  const detail =
    `${missingMs.length} ${timeframe} ${missingMs.length === 1 ? 'candle is' : 'candles are'} missing inside the window ` +
    `from ${iso(firstMs)} to ${iso(lastMs)}: ${shown.join(', ')}${missingMs.length > shown.length ? ', …' : ''}`
  return new Problem('gap', detail, {
    missing_bars: missingMs.length,
    missing,
    first_missing: shown,
    first_missing_rows: firstMissingRows,
    window: { first: iso(firstMs), last: iso(lastMs), bars: need.windowBars },
  })
}

/** Row lengths in milliseconds under the catalogue's names, the candles' own timeframe among them. */
function rowLengths(timeframe: Timeframe, need: WindowNeed): [string, number][] {
  const named = Object.keys(need.barsPerTimeframe ?? {}).flatMap((name): [string, number][] => {
    const resampled = parseTimeframe(name)
    return resampled === undefined ? [] : [[name, durationMs(resampled)]]
  })
  const own = durationMs(timeframe)
  return named.some(([, rowMs]) => rowMs === own) ? named : [[timeframe, own], ...named]
}

function missingOpenTimes(frame: Frame, durMs: number, firstMs: number, lastMs: number): number[] {
  const missing: number[] = []
  let bar = firstBarFrom(frame.openTimeMs, firstMs)
  for (let ms = firstMs; ms <= lastMs; ms += durMs) {
    if (frame.openTimeMs[bar] === ms) bar++
    else missing.push(ms)
  }
  return missing
}

/**
 * Labels of the rows that lack at least one bar. A bar stamped s belongs to the row labelled ceil(s / Δ)·Δ; a row that ends
 * after the last bar is not used.
 */
function rowsLacking(missingMs: readonly number[], rowMs: number, lastMs: number): number[] {
  const labels = missingMs.map((ms) => Math.ceil(ms / rowMs) * rowMs).filter((label) => label <= lastMs)
  return labels.filter((label, i) => label !== labels[i - 1])
}
