import { Problem } from '../errors.js'

/** Bounds the jobs that wait for their turn: each lies in memory and, with its request, in the database. */
export interface WaitingRoom {
  /**
   * @param bytes length of the request as JSON
   * @throws Problem `overloaded` when there is no place for it
   */
  refuseWhenFull(bytes: number): void
  /**
   * Takes a place, also one that is not there: what was accepted once is not turned away.
   * @returns what to call, once, when the job waits no more
   */
  enter(bytes: number): () => void
}

/** A command that fills 100 models begins 199 jobs at most. */
const mostJobs = 200
/** Eleven lists of the longest kind. With 80 MB of requests in its table DuckDB found no memory to move its log into the file, and gave up. */
const mostBytes = 16 * 1024 * 1024

export function createWaitingRoom(): WaitingRoom {
  let jobs = 0
  let bytes = 0

  return {
    refuseWhenFull(more) {
      if (jobs < mostJobs && bytes + more <= mostBytes) return
      throw new Problem('overloaded', 'Too many jobs wait for their turn; ask again when some have ended.', {}, { retryAfterSeconds: 5 })
    },
    enter(more) {
      jobs++
      bytes += more
      let isIn = true
      return () => {
        if (!isIn) return
        isIn = false
        jobs--
        bytes -= more
      }
    },
  }
}
