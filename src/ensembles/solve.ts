/** x of A·x = b by Gaussian elimination with partial pivoting; undefined when A is singular. A and b stay as they are. */
export function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] | undefined {
  const n = b.length
  const rows = a.map((row, i) => [...row, b[i]!])
  for (let column = 0; column < n; column++) {
    let pivot = column
    for (let i = column + 1; i < n; i++) if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i
    const head = rows[pivot]!
    if (!(Math.abs(head[column]!) > 0)) return undefined
    rows[pivot] = rows[column]!
    rows[column] = head
    for (let i = column + 1; i < n; i++) {
      const factor = rows[i]![column]! / head[column]!
      for (let k = column; k <= n; k++) rows[i]![k] = rows[i]![k]! - factor * head[k]!
    }
  }
  const x = new Array<number>(n)
  for (let i = n - 1; i >= 0; i--) {
    let value = rows[i]![n]!
    for (let k = i + 1; k < n; k++) value -= rows[i]![k]! * x[k]!
    x[i] = value / rows[i]![i]!
  }
  return x.every(Number.isFinite) ? x : undefined
}
