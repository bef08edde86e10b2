import { Problem } from '../errors.js'
import { createRoom } from '../room.js'

export interface Admission {
  /**
   * Lets a request in, or refuses it with `overloaded`.
   * @param bodyBytes how large its body is going to be
   * @returns what to call, once, when the request is over
   */
  enter(bodyBytes: number): () => void
}

/**
 * Bounds what is worked on at once, so that a flood costs the newcomers an answer and not everybody the process.
 * One request of 726 candles holds about 100 kB and one millisecond of CPU: a thousand wait about a second.
 */
export function createAdmission({ maxRequests, maxBytes }: { maxRequests: number; maxBytes: number }): Admission {
  const room = createRoom({ most: maxRequests, mostBytes: maxBytes })
  return {
    enter(bodyBytes) {
      if (!room.hasPlaceFor(bodyBytes)) {
        throw new Problem('overloaded', 'Too many predictions are being made at once; try again shortly.', {}, { retryAfterSeconds: 1 })
      }
      return room.enter(bodyBytes)
    },
  }
}
