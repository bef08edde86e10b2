import t from 'tap'
import { powersOfFive } from '../src/powers-of-five.js'

t.test('128 leading bits of every power, as dividing with all bits gives them', (t) => {
  const words = powersOfFive()
  t.equal(words.length, 651 * 2)
  for (let q = -342; q <= 308; q++) {
    const bits = ((words[(q + 342) * 2] ?? 0n) << 64n) | (words[(q + 342) * 2 + 1] ?? 0n)
    t.equal(bits, leadingBits(q), `5^${q}`)
  }
  t.end()
})

function leadingBits(q: number): bigint {
  const power = 5n ** BigInt(Math.abs(q))
  const length = BigInt(power.toString(2).length)
  if (q >= 0) return length <= 128n ? power << (128n - length) : power >> (length - 128n)
  let value = q >= -27 ? (1n << (length + 127n)) / power + 1n : (1n << (2n * length + 128n)) / power + 1n
  while (value >= 1n << 128n) value >>= 1n
  return value
}
