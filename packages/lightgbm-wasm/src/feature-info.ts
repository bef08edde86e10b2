/** What the training data held in a feature. */
export type FeatureInfo =
  | { readonly kind: 'range'; readonly min: number; readonly max: number }
  | { readonly kind: 'categories'; readonly values: readonly number[] }
  /** Constant in the training data, or never looked at. */
  | { readonly kind: 'unused' }

/** Reads one entry of `feature_infos`: `[min:max]`, `a:b:c` or `none`. Undefined for anything else. */
export function parseFeatureInfo(text: string): FeatureInfo | undefined {
  if (text === 'none') return { kind: 'unused' }
  const range = /^\[([^:\]]+):([^:\]]+)\]$/.exec(text)
  if (range !== null) {
    const min = toNumber(range[1] ?? '')
    const max = toNumber(range[2] ?? '')
    return min === undefined || max === undefined ? undefined : { kind: 'range', min, max }
  }
  const values: number[] = []
  for (const part of text.split(':')) {
    if (!/^-?\d+$/.test(part)) return undefined
    values.push(Number(part))
  }
  return { kind: 'categories', values }
}

function toNumber(text: string): number | undefined {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (/^[+-]?nan$/i.test(text)) return NaN
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
}
