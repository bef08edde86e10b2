import { Gauge, type Registry } from 'prom-client'
import { counterIn } from '../health/counter-in.js'
import type { FollowingState } from './follow.js'
import type { FollowEvent } from './follow-series.js'
import type { FollowedSeries } from './schema.js'

export type MetricRegisters = Registry[]

/** Counts what happens while series are followed. Lag and state are looked at whenever the metrics are read. */
export function createFollowMetrics(registers: MetricRegisters, states: () => readonly FollowingState[]): (event: FollowEvent) => void {
  const counter = counterIn(registers)
  const bars = counter(
    'follow_bars_total',
    'Closed bars that following brought, by whether they were added or revised a stored one.',
    'series',
    'result',
  )
  const predictions = counter('follow_predictions_total', 'Predictions that following asked for.', 'series')
  const looks = counter(
    'follow_looks_total',
    'Looks at a source that did not fail, by whether everything that has closed was there.',
    'series',
    'result',
  )
  const errors = counter('follow_errors_total', 'Looks at a source that failed.', 'series', 'reason')
  gauge(
    'follow_lag_seconds',
    'Time since the first missing bar has closed, seconds; 0 when none is missing.',
    ({ lagSeconds }) => lagSeconds,
  )
  gauge('follow_missing_bars', 'Closed bars that are not there yet; absent before the first fetch.', ({ missingBars }) => missingBars)

  return (event) => {
    const series = label(event.series)
    switch (event.kind) {
      case 'kept':
        bars.inc({ series, result: 'added' }, event.added)
        bars.inc({ series, result: 'revised' }, event.revised)
        return
      case 'looked':
        predictions.inc({ series }, event.round.predicted)
        looks.inc({ series, result: event.round.complete ? 'complete' : 'incomplete' })
        return
      case 'failed':
        errors.inc({ series, reason: event.failure.reason })
    }
  }

  function gauge(name: string, help: string, value: (state: FollowingState) => number | null): void {
    new Gauge({
      name,
      help,
      labelNames: ['series'],
      registers,
      collect() {
        this.reset()
        for (const state of states()) {
          const now = value(state)
          if (now !== null) this.set({ series: label(state.series) }, now)
        }
      },
    })
  }
}

function label({ symbol, timeframe }: FollowedSeries): string {
  return `${symbol} ${timeframe}`
}
