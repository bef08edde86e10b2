import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import type { Series } from '../series.js'
import { barsPerBlock, blockMs, newBlock, nValues, replacesAt, revisionAt } from './candle-block.js'
import type { CandleBlock } from './candle-block.js'
import { timestamp } from './column-kinds.js'

/** Which bars to load: open times from `fromMs` up to, not including, `beforeMs`; as they were right after commit `asOf`. */
export interface CandleRange {
  readonly fromMs: number
  readonly beforeMs: number
  readonly asOf?: number
}

/**
 * The stored bars of a range as blocks, by index; blocks without a bar are left out. Rows come as they lie in the table, mostly in order of time, and
 * each finds its place by itself: sorting them first took twice as long.
 */
export async function loadCandles(
  connection: DuckDBConnection,
  series: Series,
  { fromMs, beforeMs, asOf }: CandleRange,
): Promise<Map<number, CandleBlock>> {
  const result = await connection.run(
    `SELECT epoch_ms(open_time)::DOUBLE, open, high, low, close, volume, revision::DOUBLE, coalesce(replaces::DOUBLE, 'nan')
     FROM candles
     WHERE open_time >= ? AND open_time < ? AND symbol = ? AND timeframe = ? ${asOf === undefined ? '' : 'AND revision <= ?'}`,
    [timestamp(fromMs), timestamp(beforeMs), series.symbol, series.timeframe, ...(asOf === undefined ? [] : [BigInt(asOf)])],
  )
  const blocks = new Map<number, CandleBlock>()
  const length = blockMs(series.timeframe)
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    place(chunk, blocks, length)
  return blocks
}

/** Puts rows into their blocks; of several rows of one bar the one with the highest number stays. */
function place(chunk: DuckDBDataChunk, blocks: Map<number, CandleBlock>, length: number): void {
  const columns = Array.from({ length: nValues + 3 }, (_, c) => chunk.getColumnVector(c))
  const number = (c: number, r: number) => columns[c]?.getItem(r) as number
  for (let r = 0; r < chunk.rowCount; r++) {
    const openTimeMs = number(0, r)
    const index = Math.floor(openTimeMs / length)
    let block = blocks.get(index)
    if (block === undefined) blocks.set(index, (block = newBlock()))
    const slot = ((openTimeMs - index * length) / length) * barsPerBlock
    const revision = number(nValues + 1, r)
    if (revision < (block[revisionAt + slot] as number)) continue
    for (let c = 0; c < nValues; c++) block[c * barsPerBlock + slot] = number(c + 1, r)
    block[revisionAt + slot] = revision
    block[replacesAt + slot] = number(nValues + 2, r)
  }
}
