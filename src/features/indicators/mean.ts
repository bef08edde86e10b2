/** Mean of `count` values that end at `last`, added from left to right; that value itself when all are equal, as pandas' rolling mean. */
export function meanOf(values: Float64Array, last: number, count: number): number {
  const from = last - count + 1
  let sum = 0
  let equal = true
  for (let i = from; i <= last; i++) {
    sum += values[i]!
    equal &&= values[i] === values[last]
  }
  return equal ? values[last]! : sum / count
}
