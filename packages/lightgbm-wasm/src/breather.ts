const SLICE_MS = 3

/** Pauses in long work, so that the event loop can run. */
export interface Breather {
  /** Whether it is time for a pause: 3 ms after the last one. Takes some tens of nanoseconds. */
  due(): boolean
  /** Lets the event loop run. */
  breathe(): Promise<void>
}

/**
 * Starts the first slice of 3 ms. (A pause is a message to oneself, because setTimeout waits for at least 1 to 4 ms. With a new channel every
 * time: Node passes the messages of one channel on, one after another, before it turns to anything else.) The first pause is two of them: in
 * Node, a message that is sent from a timer arrives before anything that setImmediate waits for.
 */
export function breather(): Breather {
  let sliceEnd = performance.now() + SLICE_MS
  let hops = 2
  return {
    due: () => performance.now() >= sliceEnd,
    async breathe() {
      for (; hops > 0; hops--) await messageToOneself()
      hops = 1
      sliceEnd = performance.now() + SLICE_MS
    },
  }
}

function messageToOneself(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    // `onmessage` also starts the port; the types of Node leave it out.
    Object.assign(port1, {
      onmessage: () => {
        port1.close()
        resolve()
      },
    })
    port2.postMessage(0)
  })
}
