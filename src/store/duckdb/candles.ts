import type { CandleChanges, CandleStore } from '../candle-store.js'
import { candleUsers } from './candle-users.js'
import type { HandedCandles } from './stage-candles.js'
import { listCoverage } from './list-coverage.js'
import { listRevisions } from './list-revisions.js'
import { readCandles, rememberedCandles } from './read-candles.js'
import type { Session } from './session.js'
import type { Writing } from './writing.js'

export interface CandleParts {
  readonly session: Pick<Session, 'peek'>
  readonly writing: Pick<Writing, 'read'>
  readonly keep: (candles: HandedCandles) => Promise<CandleChanges>
}

/** The table of `candles-table.ts`, and the memory in front of it. */
export function createDuckdbCandles({ session, writing, keep }: CandleParts): CandleStore {
  return {
    keep: (series, frame, nowMs) => keep({ series, frame, nowMs }),
    read: async (series, fromMs, toMs, asOf) => {
      const span = { series, fromMs, toMs, asOf }
      const remembered = await session.peek(({ candleMemory }) => rememberedCandles(candleMemory, span))
      return remembered ?? writing.read((database) => readCandles(database.reader, database, span))
    },
    extent: (series) =>
      session.peek(({ candleMemory }) => {
        const known = candleMemory.series(series)
        return known && { firstMs: known.firstMs, lastMs: known.lastMs }
      }),
    coverage: (only) => writing.read(({ reader }) => listCoverage(reader, only)),
    revisions: (query) => writing.read(({ reader }) => listRevisions(reader, query)),
    usedBy: (revisions, cap) => writing.read(({ reader }) => candleUsers(reader, revisions, cap)),
    changedSince: (revision) =>
      writing.read(async ({ reader }) => {
        const result = await reader.run(
          `SELECT symbol, timeframe, epoch_ms(min(open_time))::DOUBLE, epoch_ms(max(open_time))::DOUBLE
           FROM candles WHERE revision > ? GROUP BY symbol, timeframe ORDER BY symbol, timeframe`,
          [BigInt(revision)],
        )
        const rows = (await result.getRows()) as [string, string, number, number][]
        return rows.map(([symbol, timeframe, firstMs, lastMs]) => ({ symbol, timeframe, firstMs, lastMs }))
      }),
  }
}
