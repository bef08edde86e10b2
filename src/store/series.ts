/** The bars of one market and one timeframe. */
export interface Series {
  readonly symbol: string
  /** As `Timeframe` writes it, e.g. 1h. */
  readonly timeframe: string
}
