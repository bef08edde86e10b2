import { parseTimeframe } from '../candles/timeframe.js'
import type { Timeframe } from '../candles/timeframe.js'
import { Problem, invalidAt } from '../errors.js'
import type { ServedModel } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import { familyRank } from './family-rank.js'
import { noneOfTarget } from './none-of-target.js'
import { targetFilter } from './target-filter.js'

export interface Target {
  readonly model?: string | undefined
  readonly models?: readonly string[] | undefined
  /** Asks every served model of this target; see `targetFilter`. */
  readonly target?: string | undefined
  /** Only with a target: families that are asked, the first that answers counts. */
  readonly familyPriority?: readonly string[] | undefined
  /** Compared exactly, case included. */
  readonly symbol?: string | undefined
  readonly timeframe?: string | undefined
}

export interface Chosen {
  /** At least one; all of one timeframe and, where they name one, of one symbol. */
  readonly models: readonly ServedModel[]
  readonly symbol: string
  readonly timeframe: Timeframe
}

type Models = Pick<Registry, 'entries' | 'served' | 'isLoaded'>

/**
 * The models that a request asks, and what its candles are of.
 * @throws Problem unknown-model, model-unavailable, symbol-mismatch, timeframe-mismatch, invalid-request
 */
export function chooseModels(registry: Models, target: Target): Chosen {
  const timeframe = target.timeframe === undefined ? undefined : readTimeframe(target.timeframe)
  const names = namesOf(target)
  const models = names === undefined ? fitting(registry, target, timeframe) : names.map((name) => registry.served(name))
  return {
    models,
    timeframe: timeframe === undefined ? agreedTimeframe(models) : matchingTimeframe(models, timeframe),
    symbol: target.symbol === undefined ? agreedSymbol(models) : matchingSymbol(models, target.symbol),
  }
}

/** The names asked for; undefined: whatever fits. */
export function namesOf({ model, models }: Target): readonly string[] | undefined {
  if (model !== undefined && models !== undefined) throw invalidAt('/models', 'give either model or models, not both')
  if (models === undefined) return model === undefined ? undefined : [model]
  if (models.length === 0) throw invalidAt('/models', 'name at least one model, or leave models out to ask all that fit')
  const twice = models.findIndex((name, k) => models.indexOf(name) !== k)
  if (twice !== -1) throw invalidAt(`/models/${twice}`, `the model ${JSON.stringify(models[twice])} is named twice`)
  return models
}

/**
 * While the service starts, a bundle that is still loading might fit, too: answering without it would give the same request other answers a moment later.
 * One that came afterwards was never asked: it takes part when it is proven.
 */
function fitting(registry: Models, { symbol, target, familyPriority }: Target, timeframe: Timeframe | undefined): ServedModel[] {
  const entries = registry.entries()
  const loading = registry.isLoaded() ? undefined : entries.find(({ state }) => state === 'loading')
  if (loading !== undefined) {
    const detail = `models are still loading (${loading.name} among them); name a model to ask it alone`
    throw new Problem('model-unavailable', detail, { reason: 'loading' }, { retryAfterSeconds: 1 })
  }
  const served = entries.flatMap((entry) => (entry.state === 'served' ? [entry.model] : []))
  const isOfTarget = targetFilter(target, registry)
  const ofTarget = served.filter(
    ({ manifest }) =>
      (symbol === undefined || manifest.symbol === undefined || manifest.symbol === symbol) &&
      (timeframe === undefined || manifest.timeframe === timeframe) &&
      isOfTarget(manifest),
  )
  const fits = familyPriority === undefined ? ofTarget : ofTarget.filter(({ manifest }) => familyRank(manifest, familyPriority) !== -1)
  if (fits.length > 0) return fits
  if (target !== undefined) throw noneOfTarget(registry, { target, families: familyPriority, symbol, timeframe }, ofTarget)
  const wanted = [symbol, timeframe].filter((part) => part !== undefined).join(' ')
  throw new Problem('unknown-model', `none of the ${served.length} served models fits${wanted === '' ? '' : ` ${wanted}`}`, {
    served: served.map(({ name, manifest }) => ({ name, symbol: manifest.symbol ?? null, timeframe: manifest.timeframe })),
  })
}

function readTimeframe(text: string): Timeframe {
  const timeframe = parseTimeframe(text)
  if (timeframe === undefined) throw invalidAt('/timeframe', `${JSON.stringify(text.slice(0, 40))} is no timeframe`)
  return timeframe
}

function agreedTimeframe(models: readonly ServedModel[]): Timeframe {
  const [timeframe, ...others] = new Set(models.map(({ manifest }) => manifest.timeframe))
  if (timeframe === undefined || others.length > 0) {
    throw invalidAt('/timeframe', `timeframe is needed: the models asked are for ${listing([timeframe, ...others])}`)
  }
  return timeframe
}

function matchingTimeframe(models: readonly ServedModel[], timeframe: Timeframe): Timeframe {
  const other = models.find(({ manifest }) => manifest.timeframe !== timeframe)
  if (other === undefined) return timeframe
  const expected = other.manifest.timeframe
  throw new Problem('timeframe-mismatch', `model ${other.name} was trained for ${expected} candles, not for ${timeframe}`, {
    model: other.name,
    expected,
    given: timeframe,
  })
}

/** Models for any symbol have no say in it. */
function agreedSymbol(models: readonly ServedModel[]): string {
  const [symbol, ...others] = new Set(models.flatMap(({ manifest }) => manifest.symbol ?? []))
  if (symbol === undefined) throw invalidAt('/symbol', 'symbol is needed: the models asked are for any symbol')
  if (others.length > 0) throw invalidAt('/symbol', `symbol is needed: the models asked are for ${listing([symbol, ...others])}`)
  return symbol
}

function matchingSymbol(models: readonly ServedModel[], symbol: string): string {
  const other = models.find(({ manifest }) => manifest.symbol !== undefined && manifest.symbol !== symbol)
  if (other === undefined) return symbol
  const expected = other.manifest.symbol
  throw new Problem('symbol-mismatch', `model ${other.name} was trained for ${expected}, not for ${symbol}`, {
    model: other.name,
    expected,
    given: symbol,
  })
}

function listing(values: readonly (string | undefined)[]): string {
  return values.slice(0, 10).join(', ') + (values.length > 10 ? ', …' : '')
}
