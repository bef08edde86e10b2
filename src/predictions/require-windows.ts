import type { Frame } from '../candles/frame.js'
import type { Timeframe } from '../candles/timeframe.js'
import { requireWindow } from '../candles/window.js'
import { Problem, type ProblemCode } from '../errors.js'
import type { Catalogue } from '../features/catalogue.js'
import type { ServedModel } from '../models/model.js'
import { windowBarsOf } from './describe-input.js'

/** A model that fits the request, but not its candles. */
export interface Skipped {
  readonly model: string
  readonly code: ProblemCode
  readonly detail: string
}

export interface Supported {
  /** At least one, in the order in which they were given. */
  readonly models: readonly ServedModel[]
  readonly skipped: readonly Skipped[]
}

export interface WindowCheck {
  readonly frame: Frame
  readonly timeframe: Timeframe
  readonly models: readonly ServedModel[]
  readonly catalogues: readonly Catalogue[]
  /** True: models that this frame cannot support are left out as long as others remain. */
  readonly maySkip: boolean
}

/**
 * The models whose windows the frame holds whole.
 * @throws Problem `not-enough-history` or `gap` with the names of the models that need the window: when all must answer, for the one that
 * needs most, so that the client is told of all that is needed; otherwise, when none can answer, for the one that needs least
 */
export function requireWindows({ frame, timeframe, models, catalogues, maySkip }: WindowCheck): Supported {
  const failures = new Map<number, Problem>()
  for (const windowBars of [...new Set(models.map(needOf))].sort((a, b) => b - a)) {
    const group = models.filter((model) => needOf(model) === windowBars)
    const problem = problemOf(frame, timeframe, windowBars, group, catalogues)
    if (problem === undefined) continue
    if (!maySkip) throw problem
    failures.set(windowBars, problem)
  }
  if (failures.size === 0) return { models, skipped: [] }
  const supported = models.filter((model) => !failures.has(needOf(model)))
  if (supported.length === 0) throw [...failures.values()].at(-1)!
  const skipped = models.flatMap((model) => {
    const problem = failures.get(needOf(model))
    return problem === undefined ? [] : [{ model: model.name, code: problem.code, detail: problem.message }]
  })
  return { models: supported, skipped }
}

function needOf({ manifest }: ServedModel): number {
  return windowBarsOf(manifest.features)
}

function problemOf(
  frame: Frame,
  timeframe: Timeframe,
  windowBars: number,
  group: readonly ServedModel[],
  catalogues: readonly Catalogue[],
): Problem | undefined {
  const { catalogue, baseBars, bufferBars } = group[0]!.manifest.features
  const barsPerTimeframe = catalogues.find(({ name }) => name === catalogue)?.barsPerTimeframe({ baseBars, bufferBars })
  try {
    requireWindow(frame, timeframe, { windowBars, ...(barsPerTimeframe && { barsPerTimeframe }) })
    return undefined
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return new Problem(error.code, error.message, { models: group.map(({ name }) => name), ...error.extras })
  }
}
