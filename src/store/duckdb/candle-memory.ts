import type { Series } from '../series.js'
import type { CandleBlock } from './candle-block.js'
import { blockMs, emptyBlock } from './candle-block.js'

/** What is known of a stored series without asking the table. */
export interface KnownSeries extends Series {
  /** Open time of the oldest and the newest bar. */
  readonly firstMs: number
  readonly lastMs: number
  /** Number of the last commit that changed it. */
  readonly revision: number
}

/** The blocks of candles that were used last, as the last commit left them, and the extents of all series. */
export interface CandleMemory {
  series(series: Series): KnownSeries | undefined
  /** Undefined: only the table knows. */
  block(series: Series, index: number): CandleBlock | undefined
  /** Takes in blocks of a series that were read from the table when it was at `revision`; when it is not any more, they are left out. */
  remember(series: Series, revision: number, blocks: ReadonlyMap<number, CandleBlock>): void
  /** Takes in what a commit changed. */
  change(series: KnownSeries, blocks: ReadonlyMap<number, CandleBlock>): void
}

/** A block takes 14 kB: 11 MB at most, the windows of some 200 series. */
const maxBlocks = 800

/** @param known every series of the table; taken over */
export function createCandleMemory(known: Map<string, KnownSeries>): CandleMemory {
  const blocks = new Map<string, CandleBlock>()

  return { series: (series) => known.get(candleSeriesKey(series)), block, remember, change }

  function block(series: Series, index: number): CandleBlock | undefined {
    const there = known.get(candleSeriesKey(series))
    if (there === undefined) return emptyBlock
    const length = blockMs(series.timeframe)
    if (index * length > there.lastMs || (index + 1) * length <= there.firstMs) return emptyBlock
    const key = blockKey(series, index)
    const block = blocks.get(key)
    if (block !== undefined) {
      blocks.delete(key)
      blocks.set(key, block)
    }
    return block
  }

  function remember(series: Series, revision: number, read: ReadonlyMap<number, CandleBlock>): void {
    // A few of very many would push out what others use.
    if (known.get(candleSeriesKey(series))?.revision !== revision || read.size > maxBlocks / 2) return
    put(series, read)
  }

  function change(series: KnownSeries, changed: ReadonlyMap<number, CandleBlock>): void {
    known.set(candleSeriesKey(series), series)
    put(series, changed)
  }

  function put(series: Series, added: ReadonlyMap<number, CandleBlock>): void {
    for (const [index, block] of added) {
      const key = blockKey(series, index)
      blocks.delete(key)
      blocks.set(key, block)
    }
    for (const key of blocks.keys()) {
      if (blocks.size <= maxBlocks) break
      blocks.delete(key)
    }
  }
}

export function candleSeriesKey({ symbol, timeframe }: Series): string {
  return `${symbol}\n${timeframe}`
}

function blockKey({ symbol, timeframe }: Series, index: number): string {
  return `${symbol}\n${timeframe}\n${index}`
}
