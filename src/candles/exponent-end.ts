/** Index behind the sign and digits of an exponent in a JSON text, from behind its `e` on; −1 when there are no digits. */
export function exponentEnd(text: Buffer, from: number): number {
  const digitsFrom = text[from] === MINUS || text[from] === PLUS ? from + 1 : from
  let at = digitsFrom
  while (text[at]! >= ZERO && text[at]! <= NINE) at++
  return at === digitsFrom ? -1 : at
}

const PLUS = 0x2b
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
