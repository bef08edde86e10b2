import { scanColumns } from './scan-columns.js'
import type { Submission } from './submission.js'

/**
 * Takes the candles out of a JSON body `{…, "candles": {columns of plain numbers}, …}` without making JavaScript values of them: less
 * than half the time of JSON.parse and `parseCandles`, and the same bits. Nothing is judged twice: what is unusual in any way (other
 * layouts, numbers as text, escapes, anything wrong) is left to those two.
 * @param body UTF-8
 * @returns the bars, and the text with `null` in their place, which is JSON if and only if the body is; undefined when nothing was cut
 */
export function cutColumns(body: Buffer): { submission: Submission; rest: string } | undefined {
  const name = body.indexOf(NAME)
  if (name < 0 || name > 10_000 || body.includes(NAME, name + NAME.length)) return undefined
  const behind = name + NAME.length
  const value = /^\s*:\s*\{/.exec(body.toString('latin1', behind, Math.min(body.length, behind + 100)))
  if (value === null || !isInsideOneObject(body.toString('latin1', 0, name))) return undefined
  const from = behind + value[0].length - 1
  const scanned = scanColumns(body, from)
  // An escape could hide a second "candles".
  if (scanned === undefined || body.includes('\\', scanned.end)) return undefined
  return { submission: scanned.submission, rest: `${body.toString('utf8', 0, from)}null${body.toString('utf8', scanned.end)}` }
}

const NAME = '"candles"'

/** Whether a text without escapes ends directly inside one object: `{"model": "a", `. */
function isInsideOneObject(text: string): boolean {
  if (text.includes('\\')) return false
  const pieces = text.split('"')
  // Every second piece between quotes is a string.
  const outside = pieces.filter((_, index) => index % 2 === 0).join('')
  let open = ''
  for (const character of outside) {
    if (character === '{' || character === '[') open += character
    else if (character === '}' || character === ']') open = open.slice(0, -1)
  }
  return open === '{' && pieces.length % 2 === 1
}
