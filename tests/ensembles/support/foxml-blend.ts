export interface BlendOf {
  readonly horizonBars: number
  /** Outcomes whose errors count for the inverse-error mean. */
  readonly errors: number
}

/**
 * Three log returns blended as FoxML runs it, with buffers that grow bar by bar and the temperature 0.75, and weighed by their inverse errors: the plain way.
 * @param raw values of each member, bar by bar
 * @param closeAt close of a bar, counted from the first
 */
export function foxmlBlend(
  raw: readonly (readonly number[])[],
  closeAt: (bar: number) => number,
  { horizonBars, errors: nErrors }: BlendOf,
) {
  const nBars = raw[0]!.length
  const realised = Array.from({ length: nBars }, (_, k) => Math.log(closeAt(k + horizonBars)) - Math.log(closeAt(k)))
  const calibrated: number[][] = raw.map(() => [])
  const alpha: number[] = []
  const inverse: number[] = []
  for (let k = 0; k < nBars; k++) {
    // Exits at bars before this one.
    const settled = Math.max(0, k - horizonBars)
    const ics = raw.map((values, m) => {
      const window = values.slice(Math.max(0, k - 9), k + 1)
      const mean = window.reduce((a, b) => a + b) / window.length
      const sigma = Math.sqrt(window.reduce((a, b) => a + (b - mean) ** 2, 0) / window.length)
      const clip = (value: number) => Math.max(-3, Math.min(3, value))
      const z = window.length < 3 ? clip(values[k]!) : sigma < 1e-9 ? 0 : clip((values[k]! - mean) / sigma)
      const p = values.slice(Math.max(0, settled - 20), settled)
      const r = realised.slice(Math.max(0, settled - 20), settled)
      // A column that does not vary correlates with nothing.
      const ic = p.length < 5 ? 0 : spearman(p, r) || 0
      const errors = p.map((value, i) => value - r[i]!).slice(-10)
      const stability = errors.length < 3 ? 0.5 : 1 / (1 + Math.sqrt(errors.reduce((a, e) => a + e * e, 0) / errors.length))
      calibrated[m]!.push(z * Math.max(ic, 0.01) * stability)
      return ic
    })
    const history = calibrated.map((values) => values.slice(-50))
    let weights = raw.map(() => 1 / 3)
    if (history[0]!.length >= 5) {
      const matrix = history.map((a, i) => history.map((b, j) => (i === j ? 1 : pearson(a, b) || 0) + (i === j ? 0.15 : 0)))
      const solved = gauss(
        matrix,
        ics.map((ic) => Math.max(ic, 0.01)),
      ).map((w) => Math.max(w, 0))
      const sum = solved.reduce((a, b) => a + b)
      const tempered = solved.map((w) => (w === 0 ? 0 : (w / sum) ** 0.75))
      const total = tempered.reduce((a, b) => a + b)
      weights = tempered.map((w) => w / total)
    }
    alpha.push(weights.reduce((sum, w, m) => sum + w * calibrated[m]![k]!, 0))
    const rmse = raw.map((values) => {
      const errors = values
        .slice(Math.max(0, settled - nErrors), settled)
        .map((value, i) => value - realised[Math.max(0, settled - nErrors) + i]!)
      return errors.length < 5 ? 1 : Math.sqrt(errors.reduce((a, e) => a + e * e, 0) / errors.length)
    })
    const total = rmse.reduce((sum, error) => sum + 1 / error, 0)
    inverse.push(raw.reduce((sum, values, m) => sum + values[k]! / rmse[m]! / total, 0))
  }
  return { alpha, inverse }
}

function pearson(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((x, v) => x + v, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  const sum = (f: (i: number) => number) => a.reduce((x, _, i) => x + f(i), 0)
  return sum((i) => (a[i]! - ma) * (b[i]! - mb)) / Math.sqrt(sum((i) => (a[i]! - ma) ** 2) * sum((i) => (b[i]! - mb) ** 2))
}

function spearman(a: readonly number[], b: readonly number[]): number {
  const ranks = (values: readonly number[]) =>
    values.map((value) => values.filter((v) => v < value).length + (values.filter((v) => v === value).length + 1) / 2)
  return pearson(ranks(a), ranks(b))
}

/** Cramer's rule, for three unknowns. */
function gauss(m: readonly (readonly number[])[], b: readonly number[]): number[] {
  const det = (r: readonly (readonly number[])[]) =>
    r[0]![0]! * (r[1]![1]! * r[2]![2]! - r[1]![2]! * r[2]![1]!) -
    r[0]![1]! * (r[1]![0]! * r[2]![2]! - r[1]![2]! * r[2]![0]!) +
    r[0]![2]! * (r[1]![0]! * r[2]![1]! - r[1]![1]! * r[2]![0]!)
  return b.map((_, k) => det(m.map((row, i) => row.map((value, j) => (j === k ? b[i]! : value)))) / det(m))
}
