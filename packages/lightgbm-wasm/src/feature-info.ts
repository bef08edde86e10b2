/** What the training data held in a feature. */
export type FeatureInfo =
  | { readonly kind: 'range'; readonly min: number; readonly max: number }
  | { readonly kind: 'categories'; readonly values: readonly number[] }
  /** Constant in the training data, or never looked at. */
  | { readonly kind: 'unused' }

/** Reads one entry of `feature_infos`: `[min:max]`, `a:b:c` or `none`. Undefined for anything else. */
export function parseFeatureInfo(text: string): FeatureInfo | undefined {
  if (text === 'none') return { kind: 'unused' }
  if (text.startsWith('[')) {
    const colon = text.indexOf(':')
    if (colon < 0 || !text.endsWith(']')) return undefined
    const min = toNumber(text.slice(1, colon))
    const max = toNumber(text.slice(colon + 1, -1))
    return min === undefined || max === undefined ? undefined : { kind: 'range', min, max }
  }
  const values = categories(text)
  return values === undefined ? undefined : { kind: 'categories', values }
}

const COLON = 58
const MINUS = 45
const ZERO = 48
/** Whole numbers of more digits may have to be rounded. */
const EXACT_DIGITS = 15

/** Character by character: a hundred thousand categories as strings would stop the event loop. */
function categories(text: string): number[] | undefined {
  const values: number[] = []
  for (let at = 0; at <= text.length; at++) {
    const start = at
    const first = text.charCodeAt(at) === MINUS ? at + 1 : at
    let value = 0
    for (at = first; at < text.length; at++) {
      const digit = text.charCodeAt(at) - ZERO
      if (!(digit >= 0 && digit <= 9)) break
      value = value * 10 + digit
    }
    if (at === first || (at < text.length && text.charCodeAt(at) !== COLON)) return undefined
    values.push(at - first > EXACT_DIGITS ? Number(text.slice(start, at)) : first > start ? -value : value)
  }
  return values
}

function toNumber(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text)
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return /^[+-]?nan$/i.test(text) ? NaN : undefined
}
