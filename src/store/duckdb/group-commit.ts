import { Problem } from '../../errors.js'

/** Calls that wait together become one commit. Knows nothing of what is committed. */
export interface GroupCommit<Call, Result> {
  submit(call: Call): Promise<Result>
  /** Refuses new calls and waits for those that were handed in. */
  close(): Promise<void>
}

export interface GroupCommitParts<Call, Result> {
  /** Commits calls in order, all or none, and returns one result per call. Never called twice at a time. */
  commit(calls: readonly Call[]): Promise<readonly Result[]>
  /** True when other calls of the group may succeed without the one that failed: each is then tried by itself. */
  retryApart(cause: unknown): boolean
  /** How much a call adds to a commit. */
  sizeOf(call: Call): number
  /** Calls join a commit until it has this size; a larger one is committed by itself, and none is ever split. */
  maxSize: number
}

interface Waiting<Call, Result> {
  readonly call: Call
  readonly resolve: (result: Result) => void
  readonly reject: (cause: unknown) => void
}

export function createGroupCommit<Call, Result>(parts: GroupCommitParts<Call, Result>): GroupCommit<Call, Result> {
  const waiting: Waiting<Call, Result>[] = []
  let running: Promise<void> | undefined
  let closed = false

  return { submit, close }

  function submit(call: Call): Promise<Result> {
    if (closed) return Promise.reject(new Problem('store-unavailable', 'The store is closed.'))
    return new Promise((resolve, reject) => {
      waiting.push({ call, resolve, reject })
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

  function nextGroup(): Waiting<Call, Result>[] {
    let calls = 0
    let size = 0
    for (const { call } of waiting) {
      size += parts.sizeOf(call)
      if (calls > 0 && size > parts.maxSize) break
      calls++
    }
    return waiting.splice(0, calls)
  }

  async function commitTogether(group: readonly Waiting<Call, Result>[]): Promise<void> {
    try {
      const results = await parts.commit(group.map(({ call }) => call))
      group.forEach(({ resolve }, k) => resolve(results[k] as Result))
    } catch (cause) {
      if (group.length > 1 && parts.retryApart(cause)) {
        for (const member of group) await commitTogether([member])
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
