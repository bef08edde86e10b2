import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { Registry } from '../models/registry.js'
import { cryptoBotLevels, type Direction } from '../signals/crypto-bot-levels.js'
import type { Line, Store, StoredPrediction } from '../store/store.js'
import { type AccuracyEstimate, createAccuracyEstimate } from './accuracy-estimate.js'
import { wholeSeconds } from './python-time.js'

export interface SignalParts {
  readonly registry: Pick<Registry, 'entries'>
  readonly store: Pick<Store, 'lines' | 'list' | 'candles' | 'outcomes' | 'onCommit'>
}

/** crypto_bot's prediction: eleven members, in its order. */
export interface Signal {
  readonly symbol: string
  readonly timeframe: string
  readonly direction: Direction
  /** Probability of the direction, percent. */
  readonly confidence: number
  /** Percent; see `AccuracyEstimate`. */
  readonly accuracy_estimate: number
  readonly current_price: number
  readonly entry_price: number
  readonly stop_loss: number
  readonly take_profits: readonly { readonly level: number; readonly price: number; readonly eta: string }[]
  readonly timestamp: string
  readonly valid_until: string
}

const directions: readonly Direction[] = ['SHORT', 'NO_TRADE', 'LONG']

/** The classes of each model whose classes are SHORT, NO_TRADE and LONG, in its own order. */
export function signalModels(registry: Pick<Registry, 'entries'>): ReadonlyMap<string, readonly Direction[]> {
  return new Map(
    registry.entries().flatMap((entry) => {
      const manifest = entry.state === 'served' ? entry.model.manifest : entry.state === 'idle' ? entry.manifest : undefined
      const classes = manifest?.output === 'class_probabilities' ? manifest.classes : undefined
      const isSignal = classes?.length === 3 && directions.every((direction) => classes.includes(direction))
      return isSignal ? [[entry.name, classes as readonly Direction[]] as const] : []
    }),
  )
}

export type FindSignal = (symbol: string, timeframe: Timeframe) => Promise<Signal | undefined>

/**
 * The newest current prediction of a series as crypto_bot tells it; of several models the first by name. Undefined when there is none, when its
 * probabilities are not finite, or when the candle that it was made from is not stored, so that there is no price. What was found is told again
 * until the store or the models change: dashboards ask every few seconds, bars close every few minutes.
 */
export function createFindSignal({ registry, store }: SignalParts): FindSignal {
  /** Current predictions of signal models at the newest bars, as far as they were stored since the start: most often nobody has to look them up. */
  const stored = new Map<string, StoredPrediction>()
  const accuracyEstimate = createAccuracyEstimate(store)
  let known = new Map<string, Promise<Signal | undefined>>()
  let knownFor = ''
  store.onCommit(({ predictions }) => {
    known = new Map()
    const models = signalModels(registry)
    for (const prediction of predictions) {
      if (prediction.supersededBy !== null || !models.has(prediction.model)) continue
      const key = keyOf(prediction)
      if (prediction.barTimeMs >= (stored.get(key)?.barTimeMs ?? -Infinity)) stored.set(key, prediction)
    }
  })

  return async (symbol, timeframe) => {
    const models = signalModels(registry)
    const state = Array.from(models).join(' ')
    if (state !== knownFor) {
      known = new Map()
      knownFor = state
    }
    const series = `${symbol} ${timeframe}`
    const remembered = known.get(series)
    if (remembered !== undefined) return remembered
    const into = known
    const lines = (await store.lines()).filter((line) => line.symbol === symbol && line.timeframe === timeframe && models.has(line.model))
    // Series that nobody predicts are not remembered: their names are the client's.
    if (lines.length === 0) return undefined
    const finding = find(lines, models)
    into.set(series, finding)
    finding.catch(() => into.delete(series))
    return finding
  }

  async function find(lines: Awaited<ReturnType<Store['lines']>>, models: ReturnType<typeof signalModels>): Promise<Signal | undefined> {
    const newestMs = Math.max(...lines.map((line) => line.newestMs))
    const newest = lines.filter((line) => line.newestMs === newestMs).sort((a, b) => (a.model < b.model ? -1 : 1))
    for (const line of newest) {
      const prediction = await currentAt(line, newestMs)
      const signal = prediction && (await toSignal({ candles: store.candles, accuracyEstimate }, prediction, models.get(line.model)!))
      if (signal !== undefined) return signal
    }
    return undefined
  }

  async function currentAt(line: Line, barTimeMs: number): Promise<StoredPrediction | undefined> {
    const kept = stored.get(keyOf(line))
    if (kept?.barTimeMs === barTimeMs) return kept
    const { symbol, timeframe, model } = line
    const [prediction] = await store.list({
      ...{ symbol, timeframe, model },
      ...{ fromMs: barTimeMs, toMs: barTimeMs, order: 'desc', history: false, limit: 1 },
    })
    return prediction
  }
}

function keyOf({ symbol, timeframe, model }: Line): string {
  return `${symbol}\n${timeframe}\n${model}`
}

async function toSignal(
  { candles, accuracyEstimate }: Pick<SignalParts['store'], 'candles'> & { readonly accuracyEstimate: AccuracyEstimate },
  prediction: StoredPrediction,
  classes: readonly Direction[],
): Promise<Signal | undefined> {
  const { symbol, yPred, barTimeMs } = prediction
  const timeframe = prediction.timeframe as Timeframe
  if (yPred.length !== classes.length || !yPred.every(Number.isFinite)) return undefined
  const price = (await candles.read({ symbol, timeframe }, barTimeMs, barTimeMs)).close[0]
  if (price === undefined || !Number.isFinite(price)) return undefined
  const likeliest = yPred.indexOf(Math.max(...yPred))
  const direction = classes[likeliest]!
  const { entry, stop, takeProfits, validMs, etaMs } = cryptoBotLevels(direction, price, timeframe)
  const fromMs = effectiveMs(prediction)
  const eta = wholeSeconds(fromMs + etaMs)
  return {
    symbol,
    timeframe,
    direction,
    confidence: yPred[likeliest]! * 100,
    accuracy_estimate: await accuracyEstimate(prediction),
    current_price: price,
    entry_price: entry,
    stop_loss: stop,
    take_profits: takeProfits.map((each, k) => ({ level: k + 1, price: each, eta })),
    timestamp: wholeSeconds(fromMs),
    valid_until: wholeSeconds(fromMs + validMs),
  }
}

/**
 * What a signal's times count from, epoch milliseconds: the making of a prediction that was made while its bar was the newest, else the close of the bar.
 * An old bar that is predicted today is no signal of today.
 */
function effectiveMs({ origin, createdAtMs, barTimeMs, timeframe }: StoredPrediction): number {
  return origin === 'live' ? createdAtMs : barTimeMs + durationMs(timeframe as Timeframe)
}
