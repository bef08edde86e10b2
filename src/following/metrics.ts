import { Counter, Gauge, type Registry } from 'prom-client'
import type { FollowingState } from './follow.js'
import type { FollowEvent } from './follow-series.js'
import type { FollowedSeries } from './schema.js'

export type MetricRegisters = Registry[]

/** Counts what happens while series are followed. Lag and state are looked at whenever the metrics are read. */
export function createFollowMetrics(registers: MetricRegisters, states: () => readonly FollowingState[]): (event: FollowEvent) => void {
  const bars = new Counter({
    name: 'follow_bars_total',
    help: 'Closed bars that following brought, by whether they were added or revised a stored one.',
    labelNames: ['series', 'result'],
    registers,
  })
  const predictions = new Counter({
    name: 'follow_predictions_total',
    help: 'Predictions that following asked for.',
    labelNames: ['series'],
    registers,
  })
  const looks = new Counter({
    name: 'follow_looks_total',
    help: 'Looks at a source that did not fail, by whether everything that has closed was there.',
    labelNames: ['series', 'result'],
    registers,
  })
  const errors = new Counter({
    name: 'follow_errors_total',
    help: 'Looks at a source that failed.',
    labelNames: ['series', 'reason'],
    registers,
  })
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
