import type { Checked } from './check.js'
import { median, quantile, type Measured } from './measure.js'
import type { Model } from './prepare.js'
import type { Sizes } from './sizes.js'

export function correctnessTable(results: readonly Checked[]): string {
  const rows = results.map(({ model, values, raw, leaf, contrib, ulp }) => [
    model.name,
    `${model.columns}`,
    `${model.trees} × ${model.leaves}`,
    `${model.nodes}`,
    `${values}`,
    `${raw}`,
    `${leaf}`,
    `${contrib}`,
    ulp.join(' / '),
  ])
  return table(
    [
      'model',
      'features',
      'trees × most leaves',
      'nodes',
      'values compared',
      'raw: differ',
      'leaves: differ',
      'contributions: differ',
      'outputs 0 / 1 / 2 / 3–4 / more ulp off',
    ],
    rows,
  )
}

/** One row per metric, one column per model: median of the passes' ratios with the best and the worst pass. What misses `must` is bold. */
export function ratioTable(measured: readonly Measured[], sizes: readonly Sizes[], models: readonly Model[]): string {
  const titles = [...new Set(measured.map(({ metric }) => metric.title))]
  const rows = titles.map((title) => {
    const { metric } = measured.find((one) => one.metric.title === title)!
    const cells = models.map((model) => {
      const one = measured.find((candidate) => candidate.metric.title === title && candidate.model.name === model.name)
      if (!one) return '–'
      const cell = `${ratio(median(one.ratios))} [${ratio(Math.min(...one.ratios))}..${ratio(Math.max(...one.ratios))}]`
      return median(one.ratios) > metric.must ? `**${cell}**` : cell
    })
    return [title, ...cells, `≤ ${metric.must}`, `≤ ${metric.stretch}`]
  })
  const sized = (title: string, value: (one: Sizes) => number, limits: [must: number, stretch: number]) => [
    title,
    ...models.map((model) => {
      const one = sizes.find((candidate) => candidate.model.name === model.name)
      return one ? (value(one) > limits[0] ? `**${ratio(value(one))}**` : ratio(value(one))) : '–'
    }),
    `≤ ${limits[0]}`,
    `≤ ${limits[1]}`,
  ]
  rows.push(
    sized(
      'memory of a loaded booster (linear memory and JavaScript heap) / native heap',
      (one) => (one.linear + one.jsHeap) / one.nativeHeap,
      [1, 0.75],
    ),
  )
  return table(['ratio to native', ...models.map((model) => model.name), 'must', 'stretch'], rows)
}

/** Times of the rounds. The ratio of the best rounds is what a quiet machine gives, and says little about a busy one. */
export function timesTable(measured: readonly Measured[]): string {
  return table(
    ['', 'model', 'passes', 'native: best', 'median', 'p99', 'lightgbm-wasm: best', 'median', 'p99', 'ratio of the best'],
    measured.map(({ metric, model, native, ours, ratios }) => [
      metric.title.split(' / ')[0]!,
      model.name,
      `${ratios.length}`,
      ...[native, ours].flatMap((side) => [Math.min(...side), median(side), quantile(side, 0.99)].map(duration)),
      ratio(Math.min(...ours) / Math.min(...native)),
    ]),
  )
}

export function sizesTable(sizes: readonly Sizes[]): string {
  return table(
    [
      'model',
      'native heap',
      'native resident',
      'linear memory',
      'JavaScript heap',
      'both after a call of 1,000 rows',
      'our resident',
      'longest stop of the event loop while loading: first load, then',
    ],
    sizes.map((one) => [
      one.model.name,
      ...[one.nativeHeap, one.nativeResident, one.linear, one.jsHeap, one.linearAfterCall + one.jsHeapAfterCall, one.resident].map(
        (bytes) => `${(bytes / 1e6).toFixed(2)} MB`,
      ),
      `${one.firstBlockMs.toFixed(1)} ms, ${one.blockMs.toFixed(1)} ms`,
    ]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function ratio(value: number): string {
  return value < 0.1 ? value.toFixed(3) : value.toFixed(2)
}

function duration(ns: number): string {
  return ns < 1e4 ? `${(ns / 1e3).toFixed(2)} µs` : ns < 1e6 ? `${(ns / 1e3).toFixed(1)} µs` : `${(ns / 1e6).toFixed(2)} ms`
}
