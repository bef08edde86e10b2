import { correlation } from './correlation.js'
import { solve } from './solve.js'

const ridge = 0.15
const costShare = 0.5
const leastReturn = 0.01
const leastHistory = 5
const leastAligned = 3
const longestHistory = 50

export interface Member {
  readonly name: string
  /** Its value of this bar (standardised, times its confidence); undefined: it has none now. */
  readonly value: number | undefined
  /** Its values of the bars before, oldest first. */
  readonly history: readonly number[]
  readonly ic: number
  /** Cost of trading on it, in the unit of its value. */
  readonly cost: number
}

export interface Weights {
  /** By name; they add up to 1, or there are none. */
  readonly weights: Readonly<Record<string, number>>
  /** How they came about, in words. */
  readonly rule: string
}

/**
 * FoxML's weights of one horizon: (Σ + 0.15·I)⁻¹ μ, where Σ is the correlation of the members' histories (up to 50 values, this bar's included) and
 * μ = max(IC − 0.5·cost, 0.01); negative ones become 0, the rest adds up to 1, then `temper`. Members with fewer than five values get no
 * weight as long as others have them.
 */
export function blendWeights(members: readonly Member[], temperature: number): Weights {
  const present = members.filter(({ value }) => value !== undefined)
  if (present.length === 0) return { weights: {}, rule: 'no member has a value' }
  const histories = new Map(
    members.map(({ name, value, history }) => [name, [...history, ...(value === undefined ? [] : [value])].slice(-longestHistory)]),
  )
  const known = members
    .filter(({ name }) => histories.get(name)!.length >= leastHistory)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  if (known.length === 0) return { weights: equal(present), rule: `equal: no member has ${leastHistory} values` }
  if (known.length === 1) return { weights: { [known[0]!.name]: 1 }, rule: 'one member with a history' }
  const aligned = Math.min(...known.map(({ name }) => histories.get(name)!.length))
  if (aligned < leastAligned) return { weights: temper(equal(known), temperature), rule: 'equal: the histories are too short' }
  const columns = known.map(({ name }) => histories.get(name)!.slice(-aligned))
  const weights = ridgeWeights(
    known.map(({ ic, cost }) => Math.max(ic - costShare * cost, leastReturn)),
    correlations(columns),
  )
  return {
    weights: temper(
      weights === undefined ? equal(known) : Object.fromEntries(known.map(({ name }, i) => [name, weights[i]!])),
      temperature,
    ),
    rule: weights === undefined ? 'equal: the correlations cannot be inverted' : `ridge over ${aligned} values`,
  }
}

/** (Σ + 0.15·I)⁻¹ μ without what is negative, adding up to 1; undefined when that cannot be solved, equal when nothing is left. */
export function ridgeWeights(expected: readonly number[], correlations: readonly (readonly number[])[]): number[] | undefined {
  const solved = solve(
    correlations.map((row, i) => row.map((value, k) => (i === k ? value + ridge : value))),
    expected,
  )
  if (solved === undefined) return undefined
  const positive = solved.map((value) => Math.max(value, 0))
  const sum = positive.reduce((total, value) => total + value, 0)
  return sum === 0 ? positive.map(() => 1 / positive.length) : positive.map((value) => value / sum)
}

/** w^T / Σ w^T: below 1 the weights move together. 1 and above changes nothing, 0 and below makes them equal; a weight of 0 stays 0. */
export function temper(weights: Readonly<Record<string, number>>, temperature: number): Record<string, number> {
  const names = Object.keys(weights)
  if (temperature >= 1) return { ...weights }
  if (temperature <= 0) return Object.fromEntries(names.map((name) => [name, 1 / names.length]))
  const raised = names.map((name) => (weights[name] === 0 ? 0 : weights[name]! ** temperature))
  const sum = raised.reduce((total, value) => total + value, 0)
  return Object.fromEntries(names.map((name, i) => [name, raised[i]! / sum]))
}

/** T of a horizon: 0.75 for 5 minutes, 0.85 for 10, 0.9 for 15, 1 for every other. */
export function temperatureOf(horizonMinutes: number): number {
  return ({ 5: 0.75, 10: 0.85, 15: 0.9 } as Record<number, number>)[horizonMinutes] ?? 1
}

/** Any correlation that cannot be told counts as 0, and then each value as correlated with itself. */
function correlations(columns: readonly (readonly number[])[]): number[][] {
  const matrix = columns.map((a, i) => columns.map((b, k) => (i === k ? correlation(a, a) || Number.NaN : correlation(a, b))))
  if (!matrix.flat().some(Number.isNaN)) return matrix
  return matrix.map((row, i) => row.map((value, k) => (i === k ? 1 : Number.isNaN(value) ? 0 : value)))
}

function equal(members: readonly Member[]): Record<string, number> {
  return Object.fromEntries(members.map(({ name }) => [name, 1 / members.length]))
}
