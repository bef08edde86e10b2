const SLICE_MS = 3

export interface Breather {
  /** True when the slice is over. */
  due(): boolean
  breathe(): Promise<void>
}

/**
 * Returns a function to call between steps of long work: it resolves at once within a slice of 3 ms, and lets the event loop run
 * when the slice is over. (MessageChannel, because setTimeout waits for at least 1 to 4 ms. A new one every time: Node passes the
 * messages of one channel on, one after another, before it turns to anything else.)
 */
export function breather(): Breather {
  let sliceEnd = performance.now() + SLICE_MS
  return {
    due: () => performance.now() >= sliceEnd,
    async breathe() {
      await new Promise<void>((resolve) => {
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
      sliceEnd = performance.now() + SLICE_MS
    },
  }
}
