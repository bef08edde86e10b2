/** How many values differ in a bit; any NaN equals any NaN. Throws a RangeError when the lengths differ. */
export function differing(ours: Float64Array, theirs: Float64Array): number {
  if (ours.length !== theirs.length) throw new RangeError(`${ours.length} values instead of ${theirs.length}`)
  let count = 0
  for (let i = 0; i < ours.length; i++) {
    const same = Object.is(ours[i], theirs[i])
    if (!same) count++
  }
  return count
}

/** Distance of two doubles in units in the last place; Infinity when only one of them is NaN. +0 and -0 are 0 apart. */
export function ulpDistance(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0
  if (Number.isNaN(a) || Number.isNaN(b)) return Infinity
  const [p, q] = [ordered(a), ordered(b)]
  return Number(p > q ? p - q : q - p)
}

function ordered(value: number): bigint {
  const bits = new BigInt64Array(Float64Array.of(value).buffer)[0]!
  return bits >= 0n ? bits : -(bits & 0x7fffffffffffffffn)
}
