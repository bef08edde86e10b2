/** What a member says of one bar. */
export interface Member {
  readonly name: string
  /** Id of its prediction; null: it has none. */
  readonly id: string | null
  /** Its outputs; undefined: it did not answer. */
  readonly values: Float64Array | undefined
  /** Why it did not answer, in words; null when it did. */
  readonly reason: string | null
  readonly output: string
  readonly horizonBars: number
  readonly quantile: number | null
  /** Its predictions of the bars before, for rules that look back. */
  readonly history: History | undefined
  /** What the same model predicts of this bar for other symbols, for the rule that ranks. */
  readonly peers?: readonly Peer[] | undefined
}

/** What one model predicts for another symbol, of the same bar. */
export interface Peer {
  readonly symbol: string
  readonly id: string
  readonly value: number
}

/** Predictions of one model before a bar, oldest first, columns of equal length. Every value is finite. */
export interface History {
  readonly ids: readonly string[]
  /** Open times, epoch milliseconds. */
  readonly barTimeMs: Float64Array
  readonly values: Float64Array
  readonly createdAtMs: Float64Array
  /** What came of each, in the unit of the prediction (probabilities: 1 or 0); NaN while its horizon is not over, or its candles are not there. */
  readonly realised: Float64Array
}

/** Which bar is combined. */
export interface Moment {
  readonly barTimeMs: number
  /** Length of one bar, milliseconds. */
  readonly barMs: number
  /** When the prediction was asked for, epoch milliseconds. */
  readonly acceptedMs: number
}

/** What a rule makes of its members: the ensemble's outputs, and everything that they were made from, as JSON in snake_case. */
export interface Combined {
  /** NaN where a member that is needed has no finite value. */
  readonly values: Float64Array
  /** Where the rule knows a raw score beside its value; undefined: they are the same. */
  readonly raw?: Float64Array | undefined
  readonly details: Readonly<Record<string, unknown>>
}

/** The one output of a member, when it has a finite one. */
export function valueOf({ values }: Pick<Member, 'values'>): number | undefined {
  const value = values?.[0]
  return value !== undefined && Number.isFinite(value) ? value : undefined
}

/** What every rule tells of a member. */
export function memberAnswer({ name, id, values, reason }: Member): Record<string, unknown> {
  return { model: name, id, value: values === undefined ? null : jsonScore(values), ...(reason !== null && { reason }) }
}

/** One output as a number, several as a list; what is not finite is null. */
export function jsonScore(values: Float64Array | readonly number[]): number | null | (number | null)[] {
  const all = Array.from(values, (value) => (Number.isFinite(value) ? value : null))
  return all.length === 1 ? all[0]! : all
}
