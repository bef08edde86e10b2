export const jobStates = ['running', 'done', 'failed', 'cancelled'] as const
export type JobState = (typeof jobStates)[number]

/** A piece of work that outlives a request, and a restart. */
export interface StoredJob {
  readonly id: string
  /** What does the work: backfill, verification. */
  readonly kind: string
  readonly state: JobState
  /** What was asked, JSON text; of a job that has ended, what its answers need of it. */
  readonly request: string
  /** How far it is, JSON text. */
  readonly progress: string
  /** What came of it, JSON text; null while it runs. */
  readonly result: string | null
  readonly createdAtMs: number
  readonly updatedAtMs: number
}

/** What changes as a job gets on. What is left out stays, and is not written again: a request may have a megabyte. */
export interface JobUpdate extends Pick<StoredJob, 'id' | 'state' | 'progress' | 'result' | 'updatedAtMs'> {
  readonly request?: string
}

export interface JobStore {
  /** Durable when it resolves. */
  add(job: StoredJob): Promise<void>
  /** Durable when it resolves. */
  update(job: JobUpdate): Promise<void>
  find(id: string): Promise<StoredJob | undefined>
  /** Newest first; all when there is no limit. */
  list(query: { readonly kind?: string; readonly state?: JobState; readonly limit?: number }): Promise<readonly StoredJob[]>
}
