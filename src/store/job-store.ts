export const jobStates = ['running', 'done', 'failed', 'cancelled'] as const
export type JobState = (typeof jobStates)[number]

/** A piece of work that outlives a request, and a restart. */
export interface StoredJob {
  readonly id: string
  /** What does the work: backfill, verification. */
  readonly kind: string
  readonly state: JobState
  /** What was asked, JSON text. */
  readonly request: string
  /** How far it is, JSON text. */
  readonly progress: string
  /** What came of it, JSON text; null while it runs. */
  readonly result: string | null
  readonly createdAtMs: number
  readonly updatedAtMs: number
}

export interface JobStore {
  /** Adds a job, or replaces what is stored of it. Durable when it resolves. */
  save(job: StoredJob): Promise<void>
  find(id: string): Promise<StoredJob | undefined>
  /** Newest first. */
  list(query: { readonly kind?: string; readonly state?: JobState; readonly limit: number }): Promise<readonly StoredJob[]>
}
