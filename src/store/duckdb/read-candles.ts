import type { DuckDBConnection } from '@duckdb/node-api'
import type { Frame } from '../../candles/frame.js'
import type { Series } from '../series.js'
import { barsPerBlock, blockMs, emptyBlock, replacesAt, revisionAt } from './candle-block.js'
import type { CandleBlock } from './candle-block.js'
import type { CandleMemory } from './candle-memory.js'
import type { Database } from './database.js'
import { loadCandles } from './load-candles.js'

/** Which bars to read: open times from `fromMs` to `toMs`, inclusive; as they were right after commit `asOf`, or now. */
export interface CandleSpan {
  readonly series: Series
  readonly fromMs: number
  readonly toMs: number
  readonly asOf?: number | undefined
}

/** The bars of a span, when the memory holds all that it takes. Undefined: the table must be asked. */
export function rememberedCandles(memory: CandleMemory, span: CandleSpan): Frame | undefined {
  const within = clip(memory, span)
  if (within === undefined) return newFrame(0)
  const blocks: CandleBlock[] = []
  for (let index = within.first; index <= within.last; index++) {
    const block = memory.block(span.series, index)
    if (block === undefined) return undefined
    blocks.push(block)
  }
  return toFrame(blocks, within.first, span)
}

/** The bars of a span from the table, in one statement, so that they are those of one moment. The memory takes in what it can use. */
export async function readCandles(
  connection: DuckDBConnection,
  { candleMemory: memory, tablesAt }: Pick<Database, 'candleMemory' | 'tablesAt'>,
  span: CandleSpan,
): Promise<Frame> {
  const within = clip(memory, span)
  if (within === undefined) return newFrame(0)
  const { series, asOf } = span
  const { first, last } = within
  const length = blockMs(series.timeframe)
  const range = { fromMs: first * length, beforeMs: (last + 1) * length }
  const { revision } = memory.series(series) ?? {}
  const blocks = await loadCandles(connection, series, range)
  // What is missing in the table is known to be missing only once it was asked for.
  for (let index = first; index <= last; index++) if (!blocks.has(index)) blocks.set(index, emptyBlock)
  if (revision !== undefined && revision <= tablesAt) memory.remember(series, revision, blocks)
  const inOrder = (read: ReadonlyMap<number, CandleBlock>) =>
    Array.from({ length: last - first + 1 }, (_, k) => read.get(first + k) ?? emptyBlock)
  const frame = toFrame(inOrder(blocks), first, span)
  if (frame !== undefined) return frame
  const then = await loadCandles(connection, series, asOf === undefined ? range : { ...range, asOf })
  return toFrame(inOrder(then), first, span) as Frame
}

/** The blocks that hold the span's stored bars; undefined: none. */
function clip(memory: CandleMemory, { series, fromMs, toMs }: CandleSpan): { first: number; last: number } | undefined {
  const known = memory.series(series)
  if (known === undefined) return undefined
  const length = blockMs(series.timeframe)
  const first = Math.floor(Math.max(fromMs, known.firstMs) / length)
  const last = Math.floor(Math.min(toMs, known.lastMs) / length)
  return first > last ? undefined : { first, last }
}

/**
 * The bars of neighbouring blocks.
 * @param first index of the first block
 * @returns undefined when a bar had other values at that commit, which blocks do not hold
 */
function toFrame(blocks: readonly CandleBlock[], first: number, { series, fromMs, toMs, asOf = Infinity }: CandleSpan): Frame | undefined {
  const barMs = blockMs(series.timeframe) / barsPerBlock
  const startMs = first * barsPerBlock * barMs
  const begin = Math.max(0, Math.ceil((fromMs - startMs) / barMs))
  const end = Math.min(blocks.length * barsPerBlock, Math.floor((toMs - startMs) / barMs) + 1)
  let nBars = 0
  for (let place = begin; place < end; place++) {
    const block = blocks[Math.floor(place / barsPerBlock)] as CandleBlock
    const slot = place % barsPerBlock
    const revision = block[revisionAt + slot] as number
    if (revision <= asOf) nBars++
    else if (revision > asOf && !Number.isNaN(block[replacesAt + slot])) return undefined
  }
  const frame = newFrame(nBars)
  for (let place = begin, i = 0; i < nBars; place++) {
    const block = blocks[Math.floor(place / barsPerBlock)] as CandleBlock
    const slot = place % barsPerBlock
    if (!((block[revisionAt + slot] as number) <= asOf)) continue
    frame.openTimeMs[i] = startMs + place * barMs
    frame.open[i] = block[slot] as number
    frame.high[i] = block[barsPerBlock + slot] as number
    frame.low[i] = block[2 * barsPerBlock + slot] as number
    frame.close[i] = block[3 * barsPerBlock + slot] as number
    frame.volume[i] = block[4 * barsPerBlock + slot] as number
    i++
  }
  return frame
}

function newFrame(nBars: number): Frame {
  const column = () => new Float64Array(nBars)
  return { nBars, openTimeMs: column(), open: column(), high: column(), low: column(), close: column(), volume: column() }
}
