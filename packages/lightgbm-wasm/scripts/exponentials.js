const BITS = 256n
const ONE = 1n << BITS

/**
 * exp's table, as 64-bit words: for k = 0 … 127 the double H nearest to 2^(k/128) and the rest T, 2^(k/128) = H·(1 + T), stored as
 * T and as H's bits minus k · 2^45 (the exponent that k adds comes back with the whole power).
 */
export function exponentials() {
  const root = rootOfTwo(7)
  const words = []
  let power = ONE
  for (let k = 0; k < 128; k++) {
    const high = nearest(power)
    const tail = (power << BITS) / fixed(high) - ONE
    words.push(bitsOf(Number(tail) / 2 ** Number(BITS)), bitsOf(high) - (BigInt(k) << 45n))
    power = (power * root) >> BITS
  }
  return words
}

/** 2^(1/2^n), truncated. */
function rootOfTwo(n) {
  let value = 2n << BITS
  for (let i = 0; i < n; i++) value = squareRoot(value << BITS)
  return value
}

function squareRoot(value) {
  let x = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (x + value / x) >> 1n
    if (next >= x) return x
    x = next
  }
}

/** The double nearest to a fixed-point number of [1, 2). */
function nearest(value) {
  const cut = BITS - 52n
  return Number((value + (1n << (cut - 1n))) >> cut) / 2 ** 52
}

function fixed(value) {
  return BigInt(value * 2 ** 52) << (BITS - 52n)
}

function bitsOf(value) {
  return new BigUint64Array(new Float64Array([value]).buffer)[0]
}
