import { Problem } from '../../errors.js'

/** Calls that wait together become one commit. Knows nothing of what is committed. */
export interface GroupCommit<Item, Result> {
  submit(items: readonly Item[]): Promise<readonly Result[]>
  /** Refuses new calls and waits for those that were handed in. */
  close(): Promise<void>
}

export interface GroupCommitParts<Item, Result> {
  /** Commits items in order, all or none, and returns one result per item. Never called twice at a time. */
  commit(items: readonly Item[]): Promise<readonly Result[]>
  /** True when other calls of the group may succeed without the one that failed: each is then tried by itself. */
  retryApart(cause: unknown): boolean
  /** Calls join a commit until it has this many items; one call is never split. */
  maxItems: number
}

interface Call<Item, Result> {
  readonly items: readonly Item[]
  readonly resolve: (results: readonly Result[]) => void
  readonly reject: (cause: unknown) => void
}

export function createGroupCommit<Item, Result>(parts: GroupCommitParts<Item, Result>): GroupCommit<Item, Result> {
  const waiting: Call<Item, Result>[] = []
  let running: Promise<void> | undefined
  let closed = false

  return { submit, close }

  function submit(items: readonly Item[]): Promise<readonly Result[]> {
    if (closed) return Promise.reject(new Problem('store-unavailable', 'The store is closed.'))
    return new Promise((resolve, reject) => {
      waiting.push({ items, resolve, reject })
      running ??= commitWaiting()
    })
  }

  async function commitWaiting(): Promise<void> {
    // Calls of one turn of the event loop join the first commit too.
    await Promise.resolve()
    while (waiting.length > 0) await commitTogether(nextGroup())
    // In the same turn as the check above: a call that comes later must find nobody running.
    running = undefined
  }

  function nextGroup(): Call<Item, Result>[] {
    let calls = 0
    let items = 0
    for (const call of waiting) {
      items += call.items.length
      if (calls > 0 && items > parts.maxItems) break
      calls++
    }
    return waiting.splice(0, calls)
  }

  async function commitTogether(group: readonly Call<Item, Result>[]): Promise<void> {
    try {
      const results = await parts.commit(group.flatMap(({ items }) => items))
      let from = 0
      for (const { items, resolve } of group) resolve(results.slice(from, (from += items.length)))
    } catch (cause) {
      if (group.length > 1 && parts.retryApart(cause)) {
        for (const call of group) await commitTogether([call])
      } else {
        for (const { reject } of group) reject(cause)
      }
    }
  }

  async function close(): Promise<void> {
    closed = true
    await running
  }
}
