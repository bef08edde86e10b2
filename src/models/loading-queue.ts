import { setImmediate } from 'node:timers/promises'
import { families } from './families/families.js'
import type { FoundBundle } from './found-bundle.js'

type Lane = 'here' | 'beside'

/**
 * Loads models in the background, in the order asked, one at a time: two would hold the event loop for longer and need the memory of both. Only those
 * whose family works in a process of its own have a lane for themselves, so that one which hangs there holds up none of the others: at most two
 * models are loading at once.
 * @param signal aborted: whatever has not begun is left
 * @returns adds a model; resolves when `load` has, or was left. `load` is called with nothing held
 */
export function createLoadingQueue(
  signal: AbortSignal,
): (found: Pick<FoundBundle, 'describe'>, load: () => Promise<void>) => Promise<void> {
  const last: Record<Lane, Promise<unknown>> = { here: Promise.resolve(), beside: Promise.resolve() }
  // One after another, so that nobody is overtaken on the way to a lane.
  let choosing: Promise<unknown> = Promise.resolve()

  return (found, load) => {
    const chosen = choosing.then(() => {
      if (signal.aborted) return undefined
      return laneOf(found)
    })
    // Adding to the lane is part of the turn.
    const added = chosen.then((lane) => ({ work: lane && add(lane, load) }))
    choosing = added
    return added.then(({ work }) => work)
  }

  function add(lane: Lane, load: () => Promise<void>): Promise<void> {
    const work = last[lane].then(async () => {
      await setImmediate()
      if (!signal.aborted) await load()
    })
    last[lane] = work.catch(() => undefined)
    return work
  }
}

/** A description is read once more when the model is loaded: it is small, and may have changed. What cannot be read is refused at once. */
async function laneOf(found: Pick<FoundBundle, 'describe'>): Promise<Lane> {
  const manifest = await found.describe().catch(() => undefined)
  return families.find(({ name }) => name === manifest?.family)?.isBeside === true ? 'beside' : 'here'
}
