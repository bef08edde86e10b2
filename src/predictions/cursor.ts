import { hash } from 'node:crypto'
import { invalidAt } from '../errors.js'
import type { Place, PredictionQuery } from '../store/store.js'

/** What a page asks for; its size may change from page to page. */
export type Listing = Omit<PredictionQuery, 'after' | 'limit'>

/** Text that leads to the page after `place`, in this listing only. */
export function writeCursor(listing: Listing, { barTimeMs, id }: Place): string {
  return Buffer.from(JSON.stringify([fingerprint(listing), barTimeMs, id])).toString('base64url')
}

/** @throws Problem invalid-request when the cursor was not ours, or is one of another listing */
export function readCursor(listing: Listing, cursor: string): Place {
  const [print, barTimeMs, id] = parse(cursor)
  if (typeof print !== 'string' || !Number.isSafeInteger(barTimeMs) || typeof id !== 'string') throw notOurs()
  const place = { barTimeMs: barTimeMs as number, id }
  if (print !== fingerprint(listing)) throw invalidAt('cursor', 'the cursor belongs to another query; begin again without it')
  if (writeCursor(listing, place) !== cursor) throw notOurs()
  return place
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

function notOurs() {
  return invalidAt('cursor', 'the cursor is none that was given out; use next_cursor of the page before')
}

function fingerprint({ symbol, timeframe, model, fromMs, toMs, origin, order, history }: Listing): string {
  const fields = [symbol, timeframe, model, fromMs, toMs, origin, order, history].map((field) => field ?? null)
  return hash('sha256', JSON.stringify(['barcast cursor 1', ...fields]), 'base64url').slice(0, 12)
}
