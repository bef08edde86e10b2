import type { Series } from './series.js'

/** Why there is no prediction of a bar by a model, recorded when it happened. */
export const absences = ['gap', 'not-enough-history', 'refused', 'model-unavailable'] as const
export type Absence = (typeof absences)[number]

export interface NewAbsence extends Series {
  readonly model: string
  readonly barTimeMs: number
  readonly reason: Absence
  /** One sentence. */
  readonly detail: string
  readonly recordedAtMs: number
}

/** A time in which a process served, epoch milliseconds; `untilMs` is the last sign of life. */
export interface Run {
  readonly id: string
  readonly fromMs: number
  readonly untilMs: number
}

/** From this moment on a model was in a state. */
export interface ModelState {
  readonly model: string
  readonly state: 'served' | 'refused' | 'absent'
  readonly fromMs: number
}

/** What happened, so that a bar without a prediction can say why. */
export interface LogStore {
  /** One row per (series, model, bar, reason); a repeated one changes nothing. */
  absences(rows: readonly NewAbsence[]): Promise<void>
  listAbsences(query: Series & { readonly model: string; readonly fromMs: number; readonly toMs: number }): Promise<readonly NewAbsence[]>
  /** A sign of life: adds the run, or moves its end. */
  alive(run: Run): Promise<void>
  /** Runs that touch the range, oldest first. */
  runs(fromMs: number, toMs: number): Promise<readonly Run[]>
  modelStates(states: readonly ModelState[]): Promise<void>
  /** Changes of a model's state up to `toMs`, oldest first. */
  listModelStates(model: string, toMs: number): Promise<readonly ModelState[]>
  /** The newest state of every model that ever had one, by name. */
  latestModelStates(): Promise<readonly ModelState[]>
}
