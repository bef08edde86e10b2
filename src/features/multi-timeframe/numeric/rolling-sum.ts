/**
 * Sum of the last `w` of the items `x[from … n − 1]` to `out[at]`, as pandas' rolling windows leave it: one running sum over all
 * the items with separate Kahan compensations for what enters and what leaves (pandas/_libs/window/aggregations.pyx). Its last
 * bits carry the whole history. When the last `w` items are equal the sum is exactly v·w.
 */
export function rollingSum(x: Float64Array, from: number, n: number, w: number, out: Float64Array, at: number): void {
  let s = 0
  let added = 0
  let removed = 0
  const first = from + w
  for (let i = from; i < first; i++) {
    const y = x[i]! - added
    const u = s + y
    added = u - s - y
    s = u
  }
  for (let i = first; i < n; i++) {
    const y = -x[i - w]! - removed
    const u = s + y
    removed = u - s - y
    const z = x[i]! - added
    s = u + z
    added = s - u - z
  }
  out[at] = lastEqual(x, n, w) ? x[n - 1]! * w : s
}

/**
 * Rolling sums of two series at once, to `out[at]` and `out[at + 1]`: each waits for its own additions, so two take hardly longer
 * than one (720 rows, Node 20: 2.3 µs for one, 2.6 µs for two).
 */
export function rollingSums(x: Float64Array, y: Float64Array, from: number, n: number, w: number, out: Float64Array, at: number): void {
  let sx = 0
  let addedX = 0
  let removedX = 0
  let sy = 0
  let addedY = 0
  let removedY = 0
  const first = from + w
  for (let i = from; i < first; i++) {
    const ax = x[i]! - addedX
    const ux = sx + ax
    addedX = ux - sx - ax
    sx = ux
    const ay = y[i]! - addedY
    const uy = sy + ay
    addedY = uy - sy - ay
    sy = uy
  }
  for (let i = first; i < n; i++) {
    const rx = -x[i - w]! - removedX
    const ux = sx + rx
    removedX = ux - sx - rx
    const ax = x[i]! - addedX
    sx = ux + ax
    addedX = sx - ux - ax
    const ry = -y[i - w]! - removedY
    const uy = sy + ry
    removedY = uy - sy - ry
    const ay = y[i]! - addedY
    sy = uy + ay
    addedY = sy - uy - ay
  }
  out[at] = lastEqual(x, n, w) ? x[n - 1]! * w : sx
  out[at + 1] = lastEqual(y, n, w) ? y[n - 1]! * w : sy
}

/** Mean of the last `w` items, NaN-free and not negative: running sum ÷ w, exactly v when they are all equal, never below 0. */
export function rollingMean(x: Float64Array, n: number, w: number, out: Float64Array, at: number): void {
  if (lastEqual(x, n, w)) {
    out[at] = x[n - 1]!
    return
  }
  rollingSum(x, 0, n, w, out, at)
  const mean = out[at]! / w
  out[at] = mean < 0 ? 0 : mean
}

function lastEqual(x: Float64Array, n: number, w: number): boolean {
  const last = x[n - 1]!
  for (let i = n - w; i < n; i++) if (x[i] !== last) return false
  return true
}
