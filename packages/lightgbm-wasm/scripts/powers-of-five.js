/** The table that Eisel-Lemire needs, as 64-bit words: 128 leading bits of 5^q for q = -342 … 308, high word first. */
export function powersOfFive() {
  const words = []
  for (let q = -342; q <= 308; q++) {
    const value = leadingBits(q)
    words.push(value >> 64n, value & 0xffffffffffffffffn)
  }
  return words
}

/** Rounding as in Lemire, "Number Parsing at a Gigabyte per Second" (2021): down for q >= 0, up below. */
function leadingBits(q) {
  const power = 5n ** BigInt(Math.abs(q))
  const length = BigInt(power.toString(2).length)
  if (q >= 0) return length <= 128n ? power << (128n - length) : power >> (length - 128n)
  if (q >= -27) return (1n << (length + 127n)) / power + 1n
  let value = (1n << (2n * length + 128n)) / power + 1n
  while (value >= 1n << 128n) value >>= 1n
  return value
}
