/**
 * A decimal as LightGBM's `Common::Atof` reads it, rounding errors included: whole and fractional digits apart, then the exponent.
 * It reads the objective's parameters so. Undefined when the text is no decimal.
 */
export function legacyNumber(text: string): number | undefined {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?)(\d+))?$/i.exec(text)
  if (parts === null || `${parts[2] ?? ''}${parts[3] ?? ''}` === '') return undefined
  const [, sign, whole = '', fraction = '', exponentSign, exponent = ''] = parts
  let value = digits(whole) + (fraction === '' ? 0 : digits(fraction) / power(10, fraction.length))
  if (exponent !== '') {
    const scale = scaleOf(Math.min(Number(exponent), 308))
    value = exponentSign === '-' ? value / scale : value * scale
  }
  return sign === '-' ? -value : value
}

function digits(text: string): number {
  let value = 0
  for (const digit of text) value = value * 10 + Number(digit)
  return value
}

/** LightGBM's `Common::Pow`. */
function power(base: number, exponent: number): number {
  if (exponent === 0) return 1
  if (exponent % 2 === 0) return power(base * base, exponent / 2)
  if (exponent % 3 === 0) return power(base * base * base, exponent / 3)
  return base * power(base, exponent - 1)
}

function scaleOf(exponent: number): number {
  let scale = 1
  let left = exponent
  for (; left >= 50; left -= 50) scale *= 1e50
  for (; left >= 8; left -= 8) scale *= 1e8
  for (; left > 0; left--) scale *= 10
  return scale
}
