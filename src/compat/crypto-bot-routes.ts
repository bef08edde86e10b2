import type { FastifyInstance, FastifyReply } from 'fastify'
import { parseTimeframe, type Timeframe } from '../candles/timeframe.js'
import { Problem, problems } from '../errors.js'
import { createFindSignal, type FindSignal, type Signal, signalModels, type SignalParts } from './find-signal.js'
import { withMicroseconds } from './python-time.js'

export interface CryptoBotParts extends SignalParts {
  readonly nowMs: () => number
}

const summarised: readonly Timeframe[] = ['15m', '1h', '4h', '1d']
const mostSymbols = 200

/**
 * crypto_bot's GET /api/predictions, /api/predictions/:symbol and /api/predictions/:symbol/summary, told from stored predictions. Parameters that it
 * does not know are passed over, as there. Failures carry the same bodies, under the status of a failure.
 */
export function cryptoBotRoutes(app: FastifyInstance, parts: CryptoBotParts): void {
  const { nowMs } = parts
  const timestamp = () => withMicroseconds(nowMs())
  const findSignal = createFindSignal(parts)
  const schema = { hide: true }

  app.get('/api/predictions', { schema }, async (request, reply) => {
    const none = (message: string) => ({ success: false, message, predictions: {}, count: 0, warming_up: true, timestamp: timestamp() })
    try {
      const timeframe = timeframeOf(request.query)
      const symbols = await symbolsOf(request.query, timeframe, parts)
      if (symbols.length === 0) return none('No symbols provided')
      const predictions: Record<string, Signal> = {}
      for (const symbol of symbols) {
        const signal = await find(findSignal, symbol, timeframe)
        if (signal !== undefined) predictions[symbol] = signal
      }
      const count = Object.keys(predictions).length
      return { success: true, predictions, count, warming_up: count === 0, timestamp: timestamp() }
    } catch (error) {
      return none(failed(error, reply))
    }
  })

  app.get('/api/predictions/:symbol', { schema }, async (request, reply) => {
    const symbol = symbolOf(request.params)
    const none = (message: string) => ({ success: false, symbol, message, prediction: null, timestamp: timestamp() })
    try {
      const timeframe = timeframeOf(request.query)
      const prediction = await find(findSignal, symbol, timeframe)
      if (prediction === undefined) return none(`No prediction available for ${symbol} ${timeframe}`)
      return { success: true, symbol, prediction, timestamp: timestamp() }
    } catch (error) {
      return none(failed(error, reply))
    }
  })

  app.get('/api/predictions/:symbol/summary', { schema }, async (request, reply) => {
    const symbol = symbolOf(request.params)
    try {
      const summary: Record<string, Pick<Signal, 'direction' | 'confidence'>> = {}
      for (const timeframe of summarised) {
        const signal = await findSignal(symbol, timeframe)
        if (signal !== undefined) summary[timeframe] = { direction: signal.direction, confidence: Number(signal.confidence.toFixed(4)) }
      }
      return { status: 'success', symbol, summary }
    } catch (error) {
      return { status: 'error', message: failed(error, reply) }
    }
  })
}

/** A timeframe that nobody knows has no predictions. */
async function find(findSignal: FindSignal, symbol: string, text: string): Promise<Signal | undefined> {
  const timeframe = parseTimeframe(text)
  return timeframe === undefined ? undefined : findSignal(symbol, timeframe)
}

function timeframeOf(query: unknown): string {
  return (textOf(query, 'timeframe') ?? '15m').trim()
}

/** Those that are asked for; without a word every symbol that has such predictions. */
async function symbolsOf(query: unknown, timeframe: string, { registry, store }: SignalParts): Promise<readonly string[]> {
  const asked = textOf(query, 'symbols')
  if (asked !== undefined) {
    const symbols = asked.split(',').flatMap((symbol) => symbol.trim().toUpperCase() || [])
    if (symbols.length > mostSymbols) throw new Problem('invalid-request', `${symbols.length} symbols, at most ${mostSymbols} at once`)
    return [...new Set(symbols)]
  }
  const known = parseTimeframe(timeframe)
  const models = signalModels(registry)
  const lines = (await store.lines()).filter((line) => line.timeframe === known && models.has(line.model))
  return [...new Set(lines.map(({ symbol }) => symbol))].sort().slice(0, mostSymbols)
}

function symbolOf(params: unknown): string {
  return (params as { symbol: string }).symbol.trim().toUpperCase()
}

/** The first value of a parameter. */
function textOf(query: unknown, name: string): string | undefined {
  const value = (query as Record<string, string | string[] | undefined>)[name]
  return Array.isArray(value) ? value[0] : value
}

/** Sets the status of a failure; nothing of the inside is told. */
function failed(error: unknown, reply: FastifyReply): string {
  const isKnown = error instanceof Problem
  if (!isKnown) reply.log.error({ err: error }, 'request failed')
  void reply.code(isKnown ? problems[error.code].status : 500)
  return isKnown ? error.message : 'Internal error'
}
