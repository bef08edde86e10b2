import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { Series } from '../store/series.js'
import type { FollowedModels } from './sink.js'

/** Problems of a bar that trying again does not mend; why is recorded with the bar. */
export function isForWantOfCandles(code: string): boolean {
  return code === 'gap' || code === 'not-enough-history'
}

/** What a range without a single whole window comes to. */
export function everyBar(
  timeframe: Timeframe,
  models: readonly string[],
  fromMs: number,
  toMs: number,
): { model: string; barTimeMs: number }[] {
  const bars: { model: string; barTimeMs: number }[] = []
  for (let barTimeMs = fromMs; barTimeMs <= toMs; barTimeMs += durationMs(timeframe))
    for (const model of models) bars.push({ model, barTimeMs })
  return bars
}

/** A model as far as following looks at it. */
export interface Candidate {
  readonly name: string
  readonly state: 'loading' | 'usable' | 'refused'
  /** Null: any. */
  readonly symbol: string | null
  readonly timeframe: string | null
  readonly windowBars: number
  /** Why it is refused. */
  readonly detail: string | null
}

/** The candidates that predict a series: the named ones, or every one that fits. */
export function chooseFollowed(candidates: readonly Candidate[], series: Series, named: readonly string[] | undefined): FollowedModels {
  const fits = ({ symbol, timeframe }: Candidate) => timeframe === series.timeframe && (symbol ?? series.symbol) === series.symbol
  const asked: (Candidate | string)[] =
    named?.map((name) => candidates.find((candidate) => candidate.name === name) ?? name) ??
    candidates.filter((candidate) => candidate.state === 'usable' && fits(candidate))
  const ready: { name: string; windowBars: number }[] = []
  const loading = named === undefined ? candidates.filter(({ state }) => state === 'loading').map(({ name }) => name) : []
  const unusable: { name: string; detail: string }[] = []
  for (const candidate of asked) {
    if (typeof candidate === 'string') unusable.push({ name: candidate, detail: 'there is no such model' })
    else if (candidate.state === 'loading') loading.push(candidate.name)
    else if (candidate.state === 'refused') unusable.push({ name: candidate.name, detail: `refused: ${candidate.detail ?? ''}` })
    else if (!fits(candidate))
      unusable.push({
        name: candidate.name,
        detail: `was trained for ${candidate.symbol ?? 'any symbol'}, ${candidate.timeframe ?? 'any timeframe'}`,
      })
    else ready.push({ name: candidate.name, windowBars: candidate.windowBars })
  }
  return { ready, loading, unusable }
}
