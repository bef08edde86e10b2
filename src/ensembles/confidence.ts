import { rankCorrelation } from '../outcomes/rank-correlation.js'

export interface ConfidenceInput {
  /** Predictions of one model and horizon whose horizon is over, oldest first, and what came true. The last 20 count. */
  readonly predicted: readonly number[]
  readonly realised: readonly number[]
  /** Time since the candles closed, seconds. */
  readonly ageSeconds: number
  /** How fast a prediction ages, seconds; `freshnessSeconds` gives it for a horizon. */
  readonly tauSeconds: number
  /** Planned and average daily volume, one unit; absent: capacity is 1. */
  readonly planned?: number
  readonly averageVolume?: number
}

export interface Confidence {
  /** Rank correlation of the last 20 settled predictions; 0 with fewer than 5. */
  readonly ic: number
  readonly freshness: number
  readonly capacity: number
  readonly stability: number
  /** max(ic, 0.01) × freshness × capacity × stability */
  readonly overall: number
}

/** How far a prediction is to be trusted, by FoxML's four factors. */
export function confidence({ predicted, realised, ageSeconds, tauSeconds, planned, averageVolume }: ConfidenceInput): Confidence {
  const ic = informationCoefficient(predicted.slice(-20), realised.slice(-20))
  const freshness = ageSeconds < 0 ? 1 : Math.min(1, Math.max(0, Math.exp(-ageSeconds / tauSeconds)))
  const capacity = capacityOf(planned, averageVolume)
  const stability = stabilityOf(predicted.map((value, i) => value - realised[i]!).slice(-10))
  return { ic, freshness, capacity, stability, overall: Math.max(ic, 0.01) * freshness * capacity * stability }
}

/** τ of a horizon, seconds: 150 for 5 minutes … 7,200 for a trading day (390 minutes), 300 for every other. */
export function freshnessSeconds(horizonMinutes: number): number {
  return ({ 5: 150, 10: 300, 15: 450, 30: 900, 60: 1800, 390: 7200 } as Record<number, number>)[horizonMinutes] ?? 300
}

function informationCoefficient(predicted: readonly number[], realised: readonly number[]): number {
  if (predicted.length < 5) return 0
  const ic = rankCorrelation(Float64Array.from(predicted), Float64Array.from(realised))
  return Number.isNaN(ic) ? 0 : ic
}

function capacityOf(planned = 0, averageVolume = 0): number {
  const known = Number.isFinite(planned) && Number.isFinite(averageVolume) && planned > 0 && averageVolume > 0
  return known ? Math.min(1, (0.1 * averageVolume) / planned) : 1
}

function stabilityOf(errors: readonly number[]): number {
  if (errors.length < 3) return 0.5
  return 1 / (1 + Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length))
}
