import { Problem } from '../errors.js'
import { createRoom } from '../room.js'

/** Bounds the jobs that wait for their turn: each lies in memory and, with its request, in the database. */
export interface WaitingRoom {
  /**
   * @param bytes length of the request as JSON
   * @returns what to call when the job waits no more
   * @throws Problem `overloaded` when there is no place for it
   */
  enter(bytes: number): () => void
  /** The same for what was accepted before: it is not turned away. */
  enterAgain(bytes: number): () => void
}

/** A command that fills 100 models begins 199 jobs at most. */
const mostJobs = 200
/** Eleven lists of the longest kind. With 80 MB of requests in its table DuckDB found no memory to move its log into the file, and gave up. */
const mostBytes = 16 * 1024 * 1024

export function createWaitingRoom(): WaitingRoom {
  const room = createRoom({ most: mostJobs, mostBytes })
  return {
    enter(bytes) {
      if (room.hasPlaceFor(bytes)) return room.enter(bytes)
      throw new Problem('overloaded', 'Too many jobs wait for their turn; ask again when some have ended.', {}, { retryAfterSeconds: 5 })
    },
    enterAgain: (bytes) => room.enter(bytes),
  }
}
