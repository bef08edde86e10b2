import { hash } from 'node:crypto'
import { invalidAt } from '../errors.js'

type Part = string | number

export interface PageCursor {
  /** Text that leads to what comes after `place`, for this question only. */
  write(question: readonly unknown[], place: readonly Part[]): string
  /** @throws Problem invalid-request when the cursor was not ours, or is one of another question */
  read(question: readonly unknown[], cursor: string): readonly Part[]
}

/**
 * Cursors of one kind of listing.
 * @param kind names the listing and the cursor's version: cursors of another one are not taken
 * @param types of the parts of a place
 */
export function createPageCursor(kind: string, types: readonly ('string' | 'number')[]): PageCursor {
  return { write, read }

  function write(question: readonly unknown[], place: readonly Part[]): string {
    return Buffer.from(JSON.stringify([fingerprint(question), ...place])).toString('base64url')
  }

  function read(question: readonly unknown[], cursor: string): readonly Part[] {
    const [print, ...place] = parse(cursor)
    const isPlace = place.length === types.length && place.every((part, k) => typeof part === types[k] && isUsable(part))
    if (typeof print !== 'string' || !isPlace) throw notOurs()
    if (print !== fingerprint(question)) throw invalidAt('cursor', 'the cursor belongs to another query; begin again without it')
    if (write(question, place as Part[]) !== cursor) throw notOurs()
    return place as Part[]
  }

  function fingerprint(question: readonly unknown[]): string {
    const fields = question.map((field) => field ?? null)
    return hash('sha256', JSON.stringify([kind, ...fields]), 'base64url').slice(0, 12)
  }
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

function isUsable(part: unknown): boolean {
  return typeof part === 'string' || Number.isSafeInteger(part)
}

function notOurs() {
  return invalidAt('cursor', 'the cursor is none that was given out; use next_cursor of the page before')
}
