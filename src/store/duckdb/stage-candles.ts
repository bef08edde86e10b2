import type { DuckDBConnection } from '@duckdb/node-api'
import type { Frame } from '../../candles/frame.js'
import type { CandleChanges } from '../candle-store.js'
import type { Series } from '../series.js'
import type { Commit } from '../store.js'
import { barsPerBlock, blockMs, emptyBlock, replacesAt, revisionAt } from './candle-block.js'
import type { CandleBlock } from './candle-block.js'
import type { CandleRow } from './candle-columns.js'
import { candleSeriesKey } from './candle-memory.js'
import type { CandleMemory } from './candle-memory.js'
import { loadCandles } from './load-candles.js'

/** The bars that one call hands in. */
export interface HandedCandles {
  readonly series: Series
  readonly frame: Frame
  /** When they came, epoch milliseconds. */
  readonly nowMs: number
}

/** What a commit will do to the candles, before it is done. */
export interface StagedCandles {
  /** Compares bars with what is stored and staged, and stages those that are new or other; these carry `revision`. */
  keep(candles: HandedCandles, revision: number): CandleChanges
  /** Rows to add. */
  readonly rows: readonly CandleRow[]
  /** What was touched, by series. */
  touched(): Commit['candles']
  /** After the commit: the memory is brought up to date. */
  done(): void
}

/**
 * Blocks are copied before they are changed, so that nobody sees what is not committed. Those that are not in memory are read by the
 * writing connection, which sees the last commit.
 */
export async function stageCandles(
  memory: CandleMemory,
  writer: DuckDBConnection,
  handedIn: readonly HandedCandles[],
): Promise<StagedCandles> {
  const staged = new Map<string, StagedSeries>()
  const rows: CandleRow[] = []
  // What is in memory first, in one go: nothing may push it out meanwhile.
  const missing = handedIn.map((candles) => ({
    into: stagedSeries(candles.series),
    blocks: take(stagedSeries(candles.series), candles.frame),
  }))
  for (const { into, blocks } of missing) await load(into, blocks)

  return { keep, rows, touched, done }

  function stagedSeries(series: Series): StagedSeries {
    const key = candleSeriesKey(series)
    let there = staged.get(key)
    if (there === undefined) staged.set(key, (there = createStagedSeries(series)))
    return there
  }

  /** @returns the blocks that only the table knows */
  function take({ series, stored }: StagedSeries, frame: Frame): number[] {
    return blocksOf(series, frame).filter((index) => {
      const block = stored.get(index) ?? memory.block(series, index)
      if (block !== undefined) stored.set(index, block)
      return block === undefined
    })
  }

  async function load({ series, stored }: StagedSeries, blocks: readonly number[]): Promise<void> {
    const missing = blocks.filter((index) => !stored.has(index))
    const [oldest] = missing
    const newest = missing.at(-1)
    if (oldest === undefined || newest === undefined) return
    const length = blockMs(series.timeframe)
    const loaded = await loadCandles(writer, series, { fromMs: oldest * length, beforeMs: (newest + 1) * length })
    for (const index of missing) {
      const block = loaded.get(index) ?? emptyBlock
      loaded.set(index, block)
      stored.set(index, block)
    }
    memory.remember(series, memory.series(series)?.revision ?? NaN, loaded)
  }

  function keep(candles: HandedCandles, revision: number): CandleChanges {
    const into = stagedSeries(candles.series)
    const before = rows.length
    const revised = keepFrame(into, candles, revision, (row) => rows.push(row))
    for (const openTimeMs of revised) into.revised.add(openTimeMs)
    const changed = rows.length - before
    return { added: changed - revised.length, known: candles.frame.nBars - changed, revised }
  }

  function touched(): Commit['candles'] {
    return [...staged.values()]
      .filter(({ changed }) => changed.size > 0)
      .map(({ series: { symbol, timeframe }, firstMs, lastMs, revised }) => ({
        symbol,
        timeframe,
        firstMs,
        lastMs,
        revised: [...revised].sort((a, b) => a - b),
      }))
  }

  function done(): void {
    for (const { series, changed, firstMs, lastMs, revision } of staged.values()) {
      if (changed.size === 0) continue
      const before = memory.series(series)
      memory.change(
        {
          symbol: series.symbol,
          timeframe: series.timeframe,
          firstMs: Math.min(firstMs, before?.firstMs ?? Infinity),
          lastMs: Math.max(lastMs, before?.lastMs ?? -Infinity),
          revision,
        },
        changed,
      )
    }
  }
}

/** Whether the table need not be asked for the bars of a frame. */
export function isRemembered(memory: CandleMemory, { series, frame }: HandedCandles): boolean {
  return blocksOf(series, frame).every((index) => memory.block(series, index) !== undefined)
}

/** The blocks in which a frame's bars stand. */
function blocksOf({ timeframe }: Series, { nBars, openTimeMs }: Frame): number[] {
  if (nBars === 0) return []
  const length = blockMs(timeframe)
  const first = Math.floor((openTimeMs[0] as number) / length)
  const last = Math.floor((openTimeMs[nBars - 1] as number) / length)
  return Array.from({ length: last - first + 1 }, (_, k) => first + k)
}

interface StagedSeries {
  readonly series: Series
  /** Blocks as they are stored. */
  readonly stored: Map<number, CandleBlock>
  /** Copies of those that change. */
  readonly changed: Map<number, CandleBlock>
  readonly revised: Set<number>
  /** Open times of the oldest and the newest bar that changes. */
  firstMs: number
  lastMs: number
  /** The last number that a change of it carries. */
  revision: number
}

function createStagedSeries(series: Series): StagedSeries {
  return { series, stored: new Map(), changed: new Map(), revised: new Set(), firstMs: Infinity, lastMs: -Infinity, revision: NaN }
}

/**
 * Stages the bars of a frame that are new or other.
 * @param add takes their rows
 * @returns open times of bars that were stored with other values
 */
function keepFrame(into: StagedSeries, { series, frame, nowMs }: HandedCandles, revision: number, add: (row: CandleRow) => void): number[] {
  const { nBars, openTimeMs, open, high, low, close, volume } = frame
  const length = blockMs(series.timeframe)
  const revised: number[] = []
  let index = NaN
  let block = emptyBlock
  for (let i = 0; i < nBars; i++) {
    const at = openTimeMs[i] as number
    if (!(at < (index + 1) * length)) {
      index = Math.floor(at / length)
      block = into.changed.get(index) ?? into.stored.get(index) ?? emptyBlock
    }
    const slot = ((at - index * length) / length) * barsPerBlock
    if (
      block[slot] === open[i] &&
      block[barsPerBlock + slot] === high[i] &&
      block[2 * barsPerBlock + slot] === low[i] &&
      block[3 * barsPerBlock + slot] === close[i] &&
      block[4 * barsPerBlock + slot] === volume[i]
    )
      continue
    const before = block[revisionAt + slot] as number
    const isRevision = !Number.isNaN(before)
    const row: CandleRow = {
      ...series,
      openTimeMs: at,
      open: open[i] as number,
      high: high[i] as number,
      low: low[i] as number,
      close: close[i] as number,
      volume: volume[i] as number,
      recordedAtMs: nowMs,
      revision,
      replaces: isRevision ? before : null,
    }
    if (isRevision) revised.push(at)
    block = change(into, index, slot, row)
    add(row)
  }
  return revised
}

/** @returns the block as it is now, a copy of the stored one */
function change(into: StagedSeries, index: number, slot: number, row: CandleRow): CandleBlock {
  let block = into.changed.get(index)
  if (block === undefined) into.changed.set(index, (block = (into.stored.get(index) ?? emptyBlock).slice()))
  block[slot] = row.open
  block[barsPerBlock + slot] = row.high
  block[2 * barsPerBlock + slot] = row.low
  block[3 * barsPerBlock + slot] = row.close
  block[4 * barsPerBlock + slot] = row.volume
  block[revisionAt + slot] = row.revision
  block[replacesAt + slot] = row.replaces ?? NaN
  into.firstMs = Math.min(into.firstMs, row.openTimeMs)
  into.lastMs = Math.max(into.lastMs, row.openTimeMs)
  into.revision = row.revision
  return block
}
