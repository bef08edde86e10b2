/** What JSON objects carry. */
export type JsonObject = Readonly<Record<string, unknown>>

/** What work that outlives its request is given. */
export interface JobContext {
  /** Aborted when the job is cancelled or the process closes: work stops at its next block. */
  readonly signal: AbortSignal
  /** What was saved of the progress when a process before this one ended; empty for a job that begins. */
  readonly before: JsonObject
  /** How far the work is. The newest is shown at once and saved a few times a second. */
  progress(progress: JsonObject): void
  /** A line about one piece of the work, kept in memory for those who watch. */
  note(line: JsonObject): void
  /** Numbers the lines to come from here on: so many were noted by the process before. */
  noted(lines: number): void
}

/** A sort of work. A job of it may be run again at any time (after a restart), so doing it twice must do no harm. */
export interface JobKind {
  /** Kept with each job, e.g. `backfill`. */
  readonly name: string
  /** What answers need of a request: so much of it is kept when its job has ended. Everything when not given. */
  readonly remainsOf?: (request: JsonObject) => JsonObject
  /**
   * @param request what `JobRunner.start` was given, after a trip through JSON
   * @returns what came of it
   * @throws when the work failed, or when the signal was aborted before it was done
   */
  run(request: unknown, context: JobContext): Promise<JsonObject>
}
