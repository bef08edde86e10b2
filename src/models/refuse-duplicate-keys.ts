import { findDuplicateName } from '../find-duplicate-name.js'
import { Refused } from './refused.js'

/**
 * JSON.parse would keep the last of two values and say nothing.
 * @param text valid JSON
 * @param file its name, for the message
 * @throws Refused `bad-manifest` with the JSON pointer of the first key that one object has twice
 */
export function refuseDuplicateKeys(text: string, file: string): void {
  const pointer = findDuplicateName(text)
  if (pointer === undefined) return
  const key = pointer
    .slice(pointer.lastIndexOf('/') + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
  const detail = `the key ${JSON.stringify(key)} is given twice; keep one of the two`
  throw new Refused('bad-manifest', `${file}: ${pointer}: ${detail}`, { errors: [{ pointer, detail }] })
}
