/** Bars that models could not predict for want of candles, in memory. */
export interface Skipped {
  readonly note: (model: string, barTimeMs: number) => void
  /** Bars from `fromMs` to `toMs`, inclusive. */
  readonly forget: (models: readonly string[], fromMs: number, toMs: number) => void
  /** Runs of neighbouring bars that the same models skipped, oldest first. */
  readonly spans: () => readonly Span[]
}

export interface Span {
  readonly fromMs: number
  readonly toMs: number
  readonly models: readonly string[]
}

/** Bars that are remembered; beyond it the oldest are given up. */
const mostBars = 10_000

/** @param durMs length of one bar, milliseconds */
export function createSkipped(durMs: number): Skipped {
  const modelsOf = new Map<number, Set<string>>()

  return {
    note(model, barTimeMs) {
      const models = modelsOf.get(barTimeMs)
      if (models !== undefined) models.add(model)
      else modelsOf.set(barTimeMs, new Set([model]))
      if (modelsOf.size > mostBars) modelsOf.delete(Math.min(...modelsOf.keys()))
    },
    forget(models, fromMs, toMs) {
      for (const [barTimeMs, names] of modelsOf) {
        if (barTimeMs < fromMs || barTimeMs > toMs) continue
        for (const model of models) names.delete(model)
        if (names.size === 0) modelsOf.delete(barTimeMs)
      }
    },
    spans() {
      const spans: { fromMs: number; toMs: number; models: string[]; key: string }[] = []
      for (const [barTimeMs, names] of [...modelsOf].sort(([a], [b]) => a - b)) {
        const models = [...names].sort()
        const key = models.join()
        const before = spans.at(-1)
        if (before !== undefined && before.toMs + durMs === barTimeMs && before.key === key) before.toMs = barTimeMs
        else spans.push({ fromMs: barTimeMs, toMs: barTimeMs, models, key })
      }
      return spans
    },
  }
}
