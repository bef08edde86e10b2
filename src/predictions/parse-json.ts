import { invalidAt, Problem } from '../errors.js'
import { findDuplicateName } from '../find-duplicate-name.js'
import { findJsonError } from './find-json-error.js'
import { refuseLargeShapes } from './refuse-large-shapes.js'

/**
 * JSON.parse, but a name that an object has twice is refused, because the first value would be lost without a word.
 * @throws Problem `bad-json` with line and column, `invalid-request` with the pointer of a name given twice, or for shapes that are too large
 */
export function parseJson(text: string): unknown {
  refuseLargeShapes(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const { line, column, found } = findJsonError(text)
    const hint = /^[+-]?(NaN|Infinity|nan|inf)/.test(found) ? '; JSON has no NaN and no Infinity' : ''
    const what = found === '' ? 'it ends too early' : `${JSON.stringify(found)} is not expected here`
    throw new Problem(
      'bad-json',
      `The body is not JSON: line ${line}, column ${column}: ${what}${hint}.`,
      { line, column },
      { cause: error },
    )
  }
  const duplicate = findDuplicateName(text)
  if (duplicate !== undefined) throw invalidAt(duplicate, 'this name is given twice')
  return value
}
