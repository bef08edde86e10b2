import type { z } from 'zod'
import { columns } from '../candles/column.js'
import type { Frame } from '../candles/frame.js'
import type { Series } from '../store/series.js'
import type { keptCandlesSchema } from '../stored-candles/schema.js'
import type { Client } from './client.js'
import { ServiceError } from './service-error.js'

type KeptCandles = z.output<typeof keptCandlesSchema>

export interface SentCandles {
  added: number
  known: number
  revised: number
  unfinishedDropped: number
}

export interface Sending {
  readonly client: Client
  readonly series: Series
  readonly frame: Frame
  readonly signal: AbortSignal
  /** Told after each block, how many bars are stored by then. */
  readonly onBars?: (done: number) => void
}

/** About 400 kB of JSON. Each block is durable before the next is sent, so that an import that was cut off can be run again. */
const mostBars = 5_000

/** Stores the bars of a frame by POST /candles, block by block; smaller blocks where the server takes no such body. */
export async function sendCandles({ client, series, frame, signal, onBars }: Sending): Promise<SentCandles> {
  const sent: SentCandles = { added: 0, known: 0, revised: 0, unfinishedDropped: 0 }
  let size = mostBars
  for (let from = 0; from < frame.nBars;) {
    signal.throwIfAborted()
    const to = Math.min(frame.nBars, from + size)
    try {
      const answer = await client.request('POST', '/candles', { body: { ...series, candles: slice(frame, from, to) } })
      const { added, known, revised, unfinished_dropped } = await answer.json<KeptCandles>()
      sent.added += added
      sent.known += known
      sent.revised += revised
      sent.unfinishedDropped += unfinished_dropped
    } catch (error) {
      if (!(error instanceof ServiceError && error.code === 'too-large' && size > 1)) throw error
      size = Math.ceil(size / 4)
      continue
    }
    from = to
    onBars?.(from)
  }
  return sent
}

function slice(frame: Frame, from: number, to: number): Record<string, number[]> {
  return Object.fromEntries(
    columns.map((column) => [column, Array.from((column === 'timestamp' ? frame.openTimeMs : frame[column]).subarray(from, to))]),
  )
}
