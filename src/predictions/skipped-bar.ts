/** A bar that a model was asked for and did not answer, while others were answered. */
export interface SkippedBar {
  readonly model: string
  /** Epoch milliseconds of the bar's open. */
  readonly barTimeMs: number
  readonly code: 'gap' | 'not-enough-history' | 'feature-mismatch'
  readonly detail: string
}
