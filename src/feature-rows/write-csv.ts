import { iso } from '../iso.js'
import type { FeatureTable } from './feature-table.js'

/** A table as CSV text (RFC 4180), piece by piece: a header, then a line per bar. NaN is an empty cell, the infinities are inf and -inf. */
export function* writeCsv({ names, blocks }: FeatureTable): Generator<string> {
  yield `${['timestamp', ...names].map(quoted).join(',')}\r\n`
  for (const { values, openTimeMs } of blocks) {
    let text = ''
    for (let row = 0; row < openTimeMs.length; row++) {
      text += iso(openTimeMs[row]!)
      for (let at = row * names.length, end = at + names.length; at < end; at++) text += `,${csvCell(values[at]!)}`
      text += '\r\n'
    }
    yield text
  }
}

function csvCell(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0.0' : String(value)
  return Number.isNaN(value) ? '' : value > 0 ? 'inf' : '-inf'
}

function quoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name
}
