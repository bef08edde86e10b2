import { nestsDeeper } from '../nests-deeper.js'
import { fail } from './format-error.js'
import { parseUbjson, UbjsonError } from './parse-ubjson.js'

const mostJsonBytes = 2 ** 26
const mostLevels = 64

/**
 * The document that XGBoost saved, JSON or UBJSON; lists of numbers may be typed arrays.
 * @throws XgboostFormatError when it is neither, too large or too deep
 */
export function parseDocument(bytes: Uint8Array): unknown {
  // UBJSON objects begin with { and a length or a count, JSON's with { and blanks or ".
  const isJson = /^\uFEFF?\s*\{\s*["}]/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 64)))
  // JSON is held as text and as objects at once, some ten times its size; UBJSON is not.
  if (isJson && bytes.length > mostJsonBytes)
    fail(`${bytes.length} bytes of JSON, at most ${mostJsonBytes} are read; save the model as UBJSON: save_model("model.ubj")`)
  if (isJson && nestsDeeper(bytes, mostLevels)) fail(`not a model: more than ${mostLevels} levels`)
  try {
    return isJson ? parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) : parseUbjson(bytes)
  } catch (error) {
    if (error instanceof UbjsonError) fail(`neither JSON nor UBJSON: ${error.message}`)
    return fail(`not JSON: ${(error as Error).message}`)
  }
}

/** JSON as XGBoost writes it: version 2 leaves bare NaN in statistics that scoring does not read. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const mended = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|nan|Infinity|inf)\b/g, (token) => (token.startsWith('"') ? token : 'null'))
    if (mended === text) throw error
    return JSON.parse(mended)
  }
}
