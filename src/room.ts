/** A bounded number of places, for things of a size. */
export interface Room {
  /** One alone always has a place: its size has a bound of its own. */
  hasPlaceFor(bytes: number): boolean
  /**
   * Takes a place, also one that is not there.
   * @returns what to call when it is over; a second call does nothing
   */
  enter(bytes: number): () => void
}

export function createRoom({ most, mostBytes }: { most: number; mostBytes: number }): Room {
  let taken = 0
  let takenBytes = 0
  return {
    hasPlaceFor: (bytes) => taken === 0 || (taken < most && takenBytes + bytes <= mostBytes),
    enter(bytes) {
      taken++
      takenBytes += bytes
      let isIn = true
      return () => {
        if (!isIn) return
        isIn = false
        taken--
        takenBytes -= bytes
      }
    },
  }
}
