import t from 'tap'
import { settle } from '../../src/outcomes/settle.js'
import type { Settleable } from '../../src/store/outcome-store.js'
import { firstBarMs, hourMs } from '../store/support/prediction.js'

const nowMs = Date.UTC(2026, 0, 1)
/** close, high, low of hours 0, 1, 2, …; undefined: missing. */
type Bar = readonly [close: number, high: number, low: number] | undefined

const rising: Bar[] = [
  [100, 101, 99],
  [101, 103, 98],
  [104, 105, 100.5],
  [102, 106, 101],
]

t.test('log returns', (t) => {
  t.match(settled({ yPred: [0.01], horizonBars: 2 }, rising), {
    status: 'settled',
    rule: 'log_return: ln C[t+h] - ln C[t]',
    reason: null,
    entryClose: 100,
    exitClose: 104,
    realised: Math.log(104) - Math.log(100),
    error: 0.01 - (Math.log(104) - Math.log(100)),
    hit: true,
    covered: null,
    realisedClass: null,
    drawdown: 98 / 100 - 1,
    settledAtMs: nowMs,
  })
  t.match(settled({ yPred: [-0.01], horizonBars: 2 }, rising), { hit: false, drawdown: 100 / 105 - 1 }, 'short')
  t.match(settled({ yPred: [0], horizonBars: 2 }, rising), { hit: false, drawdown: null }, 'no side')
  const still: Bar[] = [
    [100, 100, 100],
    [100, 102, 100.5],
  ]
  t.match(settled({ yPred: [0], horizonBars: 1 }, still), { hit: true, realised: 0 })
  t.match(settled({ yPred: [0.01], horizonBars: 1 }, still), { hit: false, drawdown: 100.5 / 100 - 1 }, 'never below its entry')
  t.match(settled({ yPred: [NaN], horizonBars: 1 }, rising), { status: 'settled', hit: null, error: null, drawdown: null, exitClose: 101 })
  t.end()
})

t.test('returns, quantiles, probabilities, classes', (t) => {
  t.match(settled({ output: 'return', yPred: [0.01], horizonBars: 3 }, rising), {
    realised: 102 / 100 - 1,
    rule: 'return: C[t+h] / C[t] - 1',
  })
  t.match(settled({ quantile: 0.05, yPred: [-0.01] }, rising), {
    covered: false,
    hit: null,
    drawdown: null,
    rule: 'log_return: ln C[t+h] - ln C[t], quantile 0.05',
  })
  t.match(settled({ quantile: 0.95, yPred: [Math.log(101) - Math.log(100)] }, rising), { covered: true, error: 0 }, 'r ≤ y_pred')
  t.match(settled({ output: 'probability_up', yPred: [0.6] }, rising), { hit: true, error: null, drawdown: 98 / 100 - 1 })
  t.match(settled({ output: 'probability_up', yPred: [0.4] }, rising), { hit: false, drawdown: 100 / 103 - 1 })
  t.match(settled({ output: 'probability_up', yPred: [0.5] }, rising), { hit: null, drawdown: null }, 'neither')
  t.match(
    settled({ output: 'probability_up', yPred: [0.6] }, [
      [100, 100, 99],
      [100, 100, 99],
    ]),
    { hit: null, drawdown: 99 / 100 - 1 },
    'neither',
  )
  const classes = { output: 'class_probabilities', thresholds: Float64Array.of(-0.01, Math.log(101) - Math.log(100)) }
  t.match(
    settled({ ...classes, yPred: [0.3, 0.3, 0.4] }, rising),
    { realisedClass: 2, hit: true, drawdown: 98 / 100 - 1 },
    'a bound belongs above',
  )
  t.match(
    settled({ ...classes, yPred: [0.4, 0.2, 0.4] }, rising),
    { realisedClass: 2, hit: false, drawdown: 100 / 103 - 1 },
    'the first on a tie',
  )
  t.match(settled({ ...classes, yPred: [0.1, 0.8, 0.1] }, rising), { hit: false, drawdown: null }, 'flat has no side')
  t.match(settled({ ...classes, yPred: [0.1, NaN, 0.1] }, rising), { hit: null, realisedClass: 2 })
  t.end()
})

t.test('what settles nothing', (t) => {
  t.match(settled({ output: 'score', yPred: [3] }, rising), {
    status: 'unsettleable',
    rule: 'score: none',
    realised: null,
    reason: /a score names nothing/,
  })
  t.match(settled({ output: 'class_probabilities', yPred: [0.5, 0.5] }, rising), { status: 'unsettleable', reason: /states no thresholds/ })
  const few = { output: 'class_probabilities', thresholds: Float64Array.of(0), yPred: [0.2, 0.3, 0.5] }
  t.match(settled(few, rising), { status: 'unsettleable', reason: '3 classes need 2 thresholds, and the model states 1' })
  t.end()
})

t.test('pending until the bar at the horizon is there; gaps', (t) => {
  for (const output of ['log_return', 'score']) {
    t.equal(settled({ output, yPred: [0.01], horizonBars: 4 }, rising), undefined)
    t.equal(settled({ output, yPred: [0.01], horizonBars: 1 }, []), undefined)
  }
  t.equal(settled({ yPred: [0.01], horizonBars: 3 }, [rising[0], undefined, rising[2]]), undefined, 'a gap on the way is no outcome yet')
  t.match(settled({ yPred: [0.01], horizonBars: 2 }, [rising[0], undefined, rising[2]]), {
    status: 'unsettleable',
    entryClose: 100,
    exitClose: 104,
    realised: null,
    reason:
      '1 of the 3 candles from 2025-01-01T00:00:00.000Z to 2025-01-01T02:00:00.000Z is missing, the first at 2025-01-01T01:00:00.000Z',
  })
  t.match(settled({ yPred: [0.01], horizonBars: 1 }, [undefined, undefined, rising[2]]), {
    reason: /^2 of the 2 .* are missing, the first at 2025-01-01T00:00/,
  })
  t.match(settled({ yPred: [0.01], horizonBars: 2 }, [rising[0], rising[1], undefined, rising[3]]), {
    exitClose: null,
    reason: /the first at 2025-01-01T02:00/,
  })
  t.end()
})

function settled(fields: Partial<Omit<Settleable, 'yPred'>> & { readonly yPred: readonly number[] }, bars: readonly Bar[]) {
  const there = bars.flatMap((bar, hour) => (bar === undefined ? [] : [{ bar, timeMs: firstBarMs + hour * hourMs }]))
  const column = (place: 0 | 1 | 2) => Float64Array.from(there, ({ bar }) => bar[place])
  const frame = {
    nBars: there.length,
    openTimeMs: Float64Array.from(there, ({ timeMs }) => timeMs),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(0),
    volume: column(0),
  }
  const prediction = {
    predictionId: 'P',
    symbol: 'BTCUSDT',
    timeframe: '1h',
    model: 'm',
    barTimeMs: firstBarMs,
    output: 'log_return',
    horizonBars: 1,
    quantile: null,
    thresholds: new Float64Array(0),
    outcome: undefined,
    ...fields,
    yPred: Float64Array.from(fields.yPred),
  }
  return settle(prediction, frame, there.at(-1)?.timeMs ?? -Infinity, nowMs)
}
