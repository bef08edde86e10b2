import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export type Stage = 'parse' | 'check' | 'features' | 'score' | 'store' | 'serialise'
export type PredictionResult = 'new' | 'known' | 'unstored' | 'refused'

export interface Metrics {
  /** What GET /metrics answers, and its Content-Type. */
  readonly contentType: string
  readonly render: () => Promise<string>
  /** One answered request. `route` is its pattern, such as `/models/:name`, never its path: labels stay few. */
  readonly request: (method: string, route: string, status: number, seconds: number) => void
  readonly stage: (stage: Stage, seconds: number) => void
  readonly prediction: (model: string, result: PredictionResult) => void
  readonly commit: (rows: number, seconds: number) => void
  /** Counts model entries by state whenever the metrics are read. */
  readonly watchModels: (states: () => Iterable<string>) => void
}

/** The metrics that the contract names and those of the process, in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

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
  const predictions = new Counter({
    name: 'predictions_total',
    help: 'Predictions made, by model and by what became of them.',
    labelNames: ['model', 'result'],
    registers,
  })
  const commitSeconds = new Histogram({
    name: 'store_commit_seconds',
    help: 'Time of one commit, seconds.',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
    registers,
  })
  const commitRows = new Histogram({
    name: 'store_commit_rows',
    help: 'Rows of one commit.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers,
  })

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    request: (method, route, status, seconds) => requests.observe({ method, route, status }, seconds),
    stage: (stage, seconds) => stages.observe({ stage }, seconds),
    prediction: (model, result) => predictions.inc({ model, result }),
    commit(rows, seconds) {
      commitSeconds.observe(seconds)
      commitRows.observe(rows)
    },
    watchModels(states) {
      new Gauge({
        name: 'models',
        help: 'Models in the models directory, by state.',
        labelNames: ['state'],
        registers,
        collect() {
          this.reset()
          for (const state of ['loading', 'served', 'refused']) this.set({ state }, 0)
          for (const state of states()) this.inc({ state })
        },
      })
    },
  }
}
