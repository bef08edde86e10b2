import type { OrderedModel } from './order.js'

/** Bars, from first to last inclusive, that the same models predict. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
  readonly models: readonly string[]
}

/** Cuts the ranges of models into spans, oldest first, so that models which share bars share the work. */
export function cutSpans(ordered: readonly OrderedModel[], barMs: number): Span[] {
  const ranges = ordered.flatMap(({ model, fromMs, toMs }) => (fromMs === null || toMs === null ? [] : [{ model, fromMs, toMs }]))
  const edges = [...new Set(ranges.flatMap(({ fromMs, toMs }) => [fromMs, toMs + barMs]))].sort((a, b) => a - b)
  return edges.slice(0, -1).flatMap((fromMs, k) => {
    const toMs = edges[k + 1]! - barMs
    const models = ranges.filter((range) => range.fromMs <= fromMs && toMs <= range.toMs).map(({ model }) => model)
    return models.length === 0 ? [] : [{ fromMs, toMs, models }]
  })
}
