import { isInsideOneObject } from '../candles/is-inside-one-object.js'
import { parseTimeCell } from '../candles/parse-cell.js'
import { skipSpace } from '../candles/skip-space.js'
import type { FeatureColumns, FeatureRows } from './feature-rows.js'
import { readColumns } from './parse-features.js'
import { scanCells } from './scan-cells.js'

export type CutFeatures = (body: Buffer) => { features: FeatureRows; rest: string } | undefined

/** Column lists that are remembered, as bytes: whoever sends row after row sends the same names each time. */
const maxRemembered = 4

/**
 * Takes the feature values out of a JSON body `{…, "features": {"columns": […], "rows": [[…]], "timestamps": […]}, …}` without making
 * JavaScript values of them, and without reading names that came before: a row of 440 takes some 20 µs, with JSON.parse 100. Nothing is
 * judged twice: what is unusual in any way (escapes, rows before columns, anything wrong) is left to JSON.parse and `parseFeatures`.
 * The function returns the rows, and the text with `null` in their place, which is JSON if and only if the body is; undefined when
 * nothing was cut.
 */
export function createCutFeatures(): CutFeatures {
  const remembered: { readonly bytes: Buffer; readonly columns: FeatureColumns }[] = []

  return (body) => {
    // Not further: a search through thousands of names, each in quotes, takes longer than all the rest.
    const name = body.subarray(0, mostBefore).indexOf(NAME)
    if (name < 0) return undefined
    const behind = name + NAME.length
    const value = /^\s*:\s*\{/.exec(body.toString('latin1', behind, Math.min(body.length, behind + 100)))
    if (value === null || !isInsideOneObject(body.toString('latin1', 0, name))) return undefined
    const from = behind + value[0].length - 1
    const read = readMembers(body, from)
    // What lies between was read through: a second "features" could only follow, and an escape could hide it.
    if (read === undefined || body.includes(NAME, read.end) || body.includes('\\', read.end)) return undefined
    return { features: read.features, rest: `${body.toString('utf8', 0, from)}null${body.toString('utf8', read.end)}` }
  }

  function readMembers(body: Buffer, from: number): { features: FeatureRows; end: number } | undefined {
    let columns: FeatureColumns | undefined
    let cells: { values: Float64Array; nRows: number } | undefined
    let openTimeMs: Float64Array | undefined
    const names = new Set<string>()
    let at = from
    do {
      at = skipSpace(body, at + 1)
      if (body[at] !== Code.Quote) return undefined
      const nameEnd = body.indexOf(Code.Quote, at + 1)
      const name = body.toString('latin1', at + 1, Math.min(nameEnd, at + 100))
      if (nameEnd > at + 100 || name.includes('\\') || names.has(name)) return undefined
      names.add(name)
      at = skipSpace(body, nameEnd + 1)
      if (body[at] !== Code.Colon) return undefined
      at = skipSpace(body, at + 1)
      if (name === 'columns') {
        const found = findColumns(body, at)
        if (found === undefined) return undefined
        columns = found.columns
        at = found.end
      } else if (name === 'rows') {
        if (columns === undefined) return undefined
        const found = scanCells(body, at, columns.names.length)
        if (found === undefined) return undefined
        cells = found
        at = found.end
      } else if (name === 'timestamps') {
        const close = body.indexOf(Code.CloseBracket, at)
        openTimeMs = timesIn(body, at, close)
        at = close + 1
      } else {
        const scalar = /^(?:"[^"\\\p{Cc}]*"|-?(?:0|[1-9]\d*)(?:\.\d+)?|true|false|null)/u.exec(body.toString('latin1', at, at + 250))
        if (scalar === null) return undefined
        at += scalar[0].length
      }
      at = skipSpace(body, at)
    } while (body[at] === Code.Comma)
    if (body[at] !== Code.CloseBrace || columns === undefined || cells === undefined || openTimeMs === undefined) return undefined
    if (openTimeMs.length !== cells.nRows) return undefined
    return { features: { columns, nRows: cells.nRows, values: cells.values, openTimeMs }, end: at + 1 }
  }

  function findColumns(body: Buffer, at: number): { columns: FeatureColumns; end: number } | undefined {
    for (const [place, { bytes, columns }] of remembered.entries()) {
      if (body.length - at < bytes.length || body.compare(bytes, 0, bytes.length, at, at + bytes.length) !== 0) continue
      if (place > 0) remembered.unshift(...remembered.splice(place, 1))
      return { columns, end: at + bytes.length }
    }
    const end = body.indexOf(Code.CloseBracket, at) + 1
    const columns = columnsIn(body.toString('utf8', at, end))
    if (columns === undefined) return undefined
    // A copy: a part of the body would hold all of it.
    remembered.unshift({ bytes: Buffer.from(body.subarray(at, end)), columns })
    remembered.splice(maxRemembered)
    return { columns, end }
  }
}

const NAME = '"features"'
const mostBefore = 2_000

function columnsIn(text: string): FeatureColumns | undefined {
  try {
    const names: unknown = JSON.parse(text)
    return Array.isArray(names) ? readColumns(names) : undefined
  } catch {
    return undefined
  }
}

function timesIn(body: Buffer, at: number, close: number): Float64Array | undefined {
  try {
    const cells: unknown = JSON.parse(body.toString('latin1', at, close + 1))
    if (!Array.isArray(cells)) return undefined
    const times = new Float64Array(cells.length)
    for (let row = 0; row < cells.length; row++) {
      const ms = parseTimeCell(cells[row])
      if (Number.isNaN(ms)) return undefined
      times[row] = ms
    }
    return times
  } catch {
    return undefined
  }
}

/** Characters. */
const enum Code {
  Quote = 0x22,
  Comma = 0x2c,
  Colon = 0x3a,
  CloseBracket = 0x5d,
  CloseBrace = 0x7d,
}
