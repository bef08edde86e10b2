import type { JsonObject } from './job-kind.js'

/** Lines that a job wrote, numbered from 0; only the newest are kept. */
export interface Notes {
  add(line: JsonObject): void
  /** Lets go of all lines; the next one has this number. */
  beginAt(number: number): void
  /** At most `limit` lines with a number of `from` or above, oldest first. */
  read(from: number, limit: number): NotesPage
}

export interface NotesPage {
  readonly lines: readonly JsonObject[]
  /** Ask from here for those that come later. */
  readonly next: number
  /** Lines from the asked number on that were let go of before. */
  readonly lost: number
}

/** About 10 MB of short lines. */
const mostKept = 50_000

export function createNotes(): Notes {
  let kept: JsonObject[] = []
  let first = 0

  return {
    add(line) {
      kept.push(line)
      // In halves, so that it costs nothing per line.
      if (kept.length < 2 * mostKept) return
      first += kept.length - mostKept
      kept = kept.slice(-mostKept)
    },
    beginAt(number) {
      kept = []
      first = number
    },
    read(from, limit) {
      const start = Math.max(from, first)
      const lines = kept.slice(start - first, start - first + limit)
      return { lines, next: start + lines.length, lost: start - from }
    },
  }
}
