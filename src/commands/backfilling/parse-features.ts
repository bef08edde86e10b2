/** Texts, so that what is in them is not taken for a token; the bare tokens that Python's json writes. */
const tokens = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g

/**
 * One JSON object of feature values, in which NaN, Infinity and -Infinity may stand bare; null is NaN.
 * @throws Error for everything else
 */
export function parseFeatures(text: string): Map<string, number> {
  const strict = text.replace(tokens, (token) => {
    if (token.startsWith('"')) return token
    return token === 'NaN' ? 'null' : token === 'Infinity' ? '1e999' : '-1e999'
  })
  const value: unknown = JSON.parse(strict)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is no object')
  return new Map(
    Object.entries(value).map(([name, cell]): [string, number] => {
      if (cell === null) return [name, NaN]
      if (typeof cell === 'number') return [name, cell]
      if (typeof cell === 'boolean') return [name, Number(cell)]
      throw new Error(`${name} is ${typeof cell === 'object' ? 'a list or an object' : JSON.stringify(cell)}`)
    }),
  )
}
