/** How two arrays differ, in words; '' when they are equal in every bit (NaN equals NaN, -0 is not 0). */
export function difference(found: ArrayLike<number>, expected: ArrayLike<number>): string {
  if (found.length !== expected.length) return `${found.length} values, expected ${expected.length}`
  let count = 0
  let first = -1
  for (let i = 0; i < found.length; i++) {
    if (Object.is(found[i], expected[i])) continue
    if (count++ === 0) first = i
  }
  return count === 0 ? '' : `${count} of ${found.length} differ, first at ${first}: ${found[first]}, expected ${expected[first]}`
}

/** The largest distance of two arrays in units of the last place. */
export function worstUlps(found: Float64Array, expected: Float64Array): number {
  let worst = 0n
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(found[i], expected[i])) continue
    const distance = ordered(found[i] ?? NaN) - ordered(expected[i] ?? NaN)
    const size = distance < 0n ? -distance : distance
    if (size > worst) worst = size
  }
  return Number(worst)
}

function ordered(value: number): bigint {
  const bits = new BigInt64Array(new Float64Array([value]).buffer)[0] ?? 0n
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits
}
