import { shorten } from '../../shorten.js'

/** Texts, so that what is in them is not taken for a token; the bare tokens that Python's json writes. */
const tokens = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g

export interface ParsedFeatures {
  readonly values: ReadonlyMap<string, number>
  /** Cells that are no numbers, as a message shows them. */
  readonly others: ReadonlyMap<string, string>
}

/**
 * One JSON object of feature values, in which NaN, Infinity and -Infinity may stand bare; null is NaN.
 * @throws Error for what is no JSON object
 */
export function parseFeatures(text: string): ParsedFeatures {
  const strict = text.replace(tokens, (token) => {
    if (token.startsWith('"')) return token
    return token === 'NaN' ? 'null' : token === 'Infinity' ? '1e999' : '-1e999'
  })
  const value: unknown = JSON.parse(strict)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is no object')
  const values = new Map<string, number>()
  const others = new Map<string, string>()
  for (const [name, cell] of Object.entries(value) as [string, unknown][]) {
    if (cell === null) values.set(name, NaN)
    else if (typeof cell === 'number' || typeof cell === 'boolean') values.set(name, Number(cell))
    else others.set(name, typeof cell === 'string' ? JSON.stringify(shorten(cell)) : Array.isArray(cell) ? 'a list' : 'an object')
  }
  return { values, others }
}
