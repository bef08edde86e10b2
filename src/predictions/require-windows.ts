import type { Frame } from '../candles/frame.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { isWindowWhole, requireWindow } from '../candles/window.js'
import { Problem } from '../errors.js'
import type { Catalogue } from '../features/catalogue.js'
import type { ServedModel } from '../models/model.js'
import { windowBarsOf } from './describe-input.js'

export interface WindowCheck {
  readonly frame: Frame
  readonly timeframe: Timeframe
  readonly models: readonly ServedModel[]
  readonly catalogues: readonly Catalogue[]
  /** Index of the target bar; default: the frame's last one. */
  readonly lastBar?: number
  /** Open time of the oldest bar that there is, when the frame is only a part of a longer series. */
  readonly oldestMs?: number | undefined
  /** True: models whose windows are not whole may be left out as long as others remain. */
  readonly maySkip: boolean
}

/**
 * Makes sure that the models can answer for a bar: all of them, or, when some may be left out, at least one.
 * @throws Problem `not-enough-history` or `gap` with the bar's time and the names of the models that need the window: when all must
 * answer, for the one that needs most, so that the client is told of all that is needed; otherwise for the one that needs least
 */
export function requireWindows(check: WindowCheck): void {
  const { models, maySkip } = check
  let failed: Problem | undefined
  for (const windowBars of [...new Set(models.map(needOf))].sort((a, b) => b - a)) {
    const group = models.filter((model) => needOf(model) === windowBars)
    failed = windowProblem(check, windowBars, group)
    if (failed !== undefined && !maySkip) throw failed
  }
  // A window that is whole holds every shorter one: the last looked at fails only when all do.
  if (failed !== undefined) throw failed
}

function needOf({ manifest }: ServedModel): number {
  return windowBarsOf(manifest.features)
}

/** What the window of one length lacks; undefined when it is whole. */
export function windowProblem(
  { frame, timeframe, catalogues, lastBar = frame.nBars - 1, oldestMs }: Omit<WindowCheck, 'models' | 'maySkip'>,
  windowBars: number,
  group: readonly ServedModel[],
): Problem | undefined {
  if (isWindowWhole(frame, durationMs(timeframe), windowBars, lastBar)) return undefined
  const { catalogue, baseBars, bufferBars } = group[0]!.manifest.features
  const barsPerTimeframe = catalogues.find(({ name }) => name === catalogue)?.barsPerTimeframe({ baseBars, bufferBars })
  const need = { windowBars, ...(barsPerTimeframe && { barsPerTimeframe }), ...(oldestMs !== undefined && { oldestMs }) }
  try {
    requireWindow(frame, timeframe, need, lastBar)
    return undefined
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const barTimeMs = frame.openTimeMs[lastBar]
    const barTime = barTimeMs === undefined ? {} : { bar_time: new Date(barTimeMs).toISOString() }
    return new Problem(error.code, error.message, { models: group.map(({ name }) => name), ...barTime, ...error.extras })
  }
}
