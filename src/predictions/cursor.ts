import { createPageCursor } from '../http/page-cursor.js'
import type { Place, PredictionQuery } from '../store/store.js'

/** What a page asks for; its size may change from page to page. */
export type Listing = Omit<PredictionQuery, 'after' | 'limit'>

const pageCursor = createPageCursor('barcast cursor 1', ['number', 'string'])

/** Text that leads to the page after `place`, in this listing only. */
export function writeCursor(listing: Listing, { barTimeMs, id }: Place): string {
  return pageCursor.write(questionOf(listing), [barTimeMs, id])
}

/** @throws Problem invalid-request when the cursor was not ours, or is one of another listing */
export function readCursor(listing: Listing, cursor: string): Place {
  const [barTimeMs, id] = pageCursor.read(questionOf(listing), cursor)
  return { barTimeMs: barTimeMs as number, id: id as string }
}

function questionOf({ symbol, timeframe, model, fromMs, toMs, origin, order, history }: Listing): readonly unknown[] {
  return [symbol, timeframe, model, fromMs, toMs, origin, order, history]
}
