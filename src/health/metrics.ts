import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { counterIn } from './counter-in.js'

export type Stage = 'parse' | 'check' | 'features' | 'score' | 'store' | 'serialise'
export type PredictionResult = 'new' | 'known' | 'unstored' | 'refused'

export type ReplayResult = 'identical' | 'different' | 'impossible'

export interface Metrics {
  /** What GET /metrics answers, and its Content-Type. */
  readonly contentType: string
  readonly render: () => Promise<string>
  /** Where parts that are not always there register metrics of their own. */
  readonly registers: Registry[]
  /** One answered request. `route` is its pattern, such as `/models/:name`, never its path: labels stay few. */
  readonly request: (method: string, route: string, status: number, seconds: number) => void
  readonly stage: (stage: Stage, seconds: number) => void
  readonly prediction: (model: string, result: PredictionResult) => void
  readonly commit: (rows: number, seconds: number) => void
  /** One transaction that brought commits from the journal into the tables. */
  readonly tables: (seconds: number) => void
  /** Asks, whenever the metrics are read, how long the oldest commit has waited to come into the tables, seconds. */
  readonly watchTables: (waitingSeconds: () => number) => void
  /** Bars that POST /candles brought. */
  readonly candles: (result: 'new' | 'known' | 'revised', bars: number) => void
  /** Closed bars that came again with other values, on whatever way. */
  readonly candleRevisions: (bars: number) => void
  /** One stored prediction that was derived again. */
  readonly replay: (result: ReplayResult) => void
  /** Predictions whose outcome was recorded, the first one or a newer one. */
  readonly outcome: (status: 'settled' | 'unsettleable', predictions: number) => void
  /** Counts model entries by state whenever the metrics are read. */
  readonly watchModels: (states: () => Iterable<string>) => void
}

/** The metrics that the contract names and those of the process, in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const counter = counterIn(registers)

  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer, seconds.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  })
  const stages = new Histogram({
    name: 'predict_stage_seconds',
    help: 'Time of one step of POST /predict, seconds.',
    labelNames: ['stage'],
    buckets: [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 1],
    registers,
  })
  const predictions = counter('predictions_total', 'Predictions made, by model and by what became of them.', 'model', 'result')
  const outcomes = counter(
    'outcomes_total',
    'Outcomes recorded: predictions that were settled, or settled anew, or found unsettleable.',
    'status',
  )
  const commitSeconds = new Histogram({
    name: 'store_commit_seconds',
    help: 'Time until one commit was durable, seconds.',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
    registers,
  })
  const commitRows = new Histogram({
    name: 'store_commit_rows',
    help: 'Rows that one commit added or changed.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20000],
    registers,
  })
  const tablesSeconds = new Histogram({
    name: 'store_tables_seconds',
    help: 'Time of one transaction that brought commits from the journal into the tables, seconds.',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
    registers,
  })

  const candles = counter('candles_total', 'Closed bars that POST /candles brought, by what became of them.', 'result')
  const candleRevisions = counter('candle_revisions_total', 'Closed bars that came again with other values, on whatever way.')

  const replays = counter('replays_total', 'Stored predictions that were derived again, by what came of it.', 'result')
  for (const result of ['identical', 'different', 'impossible']) replays.inc({ result }, 0)

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    registers,
    request: (method, route, status, seconds) => requests.observe({ method, route, status }, seconds),
    stage: (stage, seconds) => stages.observe({ stage }, seconds),
    prediction: (model, result) => predictions.inc({ model, result }),
    commit(rows, seconds) {
      commitSeconds.observe(seconds)
      commitRows.observe(rows)
    },
    tables: (seconds) => tablesSeconds.observe(seconds),
    watchTables(waitingSeconds) {
      new Gauge({
        name: 'store_tables_waiting_seconds',
        help: 'How long the oldest commit has waited in the journal to come into the tables, seconds; 0: none waits.',
        registers,
        collect() {
          this.set(waitingSeconds())
        },
      })
    },
    candles: (result, bars) => candles.inc({ result }, bars),
    candleRevisions: (bars) => candleRevisions.inc(bars),
    replay: (result) => replays.inc({ result }),
    outcome: (status, rows) => outcomes.inc({ status }, rows),
    watchModels(states) {
      new Gauge({
        name: 'models',
        help: 'Models in the models directory, by state.',
        labelNames: ['state'],
        registers,
        collect() {
          this.reset()
          for (const state of ['loading', 'idle', 'served', 'refused']) this.set({ state }, 0)
          for (const state of states()) this.inc({ state })
        },
      })
    },
  }
}
