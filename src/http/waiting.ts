/** One client that waits for news. */
export interface Wait {
  /** Resolves once: news came, the time is over, the server closes, or the client went away. */
  readonly over: Promise<'news' | 'time' | 'closing' | 'gone'>
  /** To be called when the client went away, or needs no news any more. */
  readonly leave: () => void
}

export interface Waiting {
  /**
   * @param listen is given what to call when there are news; returns what ends that
   * @returns undefined when too many wait, or the server closes
   */
  begin(withinMs: number, listen: (news: () => void) => () => void): Wait | undefined
  /** Ends every wait; none begins afterwards. */
  close(): void
}

/** Clients that wait, up to a number; each holds a connection and a timer. */
export function createWaiting({ maxWaits }: { readonly maxWaits: number }): Waiting {
  const ends = new Set<(why: 'closing') => void>()
  let closed = false

  return {
    begin(withinMs, listen) {
      if (closed || ends.size >= maxWaits) return undefined
      let end: (why: 'news' | 'time' | 'closing' | 'gone') => void = () => undefined
      const over = new Promise<'news' | 'time' | 'closing' | 'gone'>((resolve) => {
        const unlisten = listen(() => end('news'))
        const timer = setTimeout(() => end('time'), withinMs)
        end = (why) => {
          clearTimeout(timer)
          unlisten()
          ends.delete(end)
          resolve(why)
        }
      })
      ends.add(end)
      return { over, leave: () => end('gone') }
    },
    close() {
      closed = true
      for (const end of [...ends]) end('closing')
    },
  }
}
