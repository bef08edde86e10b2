import { iso } from '../iso.js'
import type { FeatureTable } from './feature-table.js'

/**
 * A table as JSON text, piece by piece: `{…before, "columns": […], "rows": [[…], …], "timestamps": […], …after}`. Columns come before rows,
 * so that POST /predict reads it fast when it is sent back.
 * @param before members that come first
 * @param after members that come last
 */
export function* writeJson(
  { names, blocks }: FeatureTable,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>> = {},
): Generator<string> {
  const first = Object.entries(before).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)},`)
  yield `{${first.join('')}"columns":${JSON.stringify(names)},"rows":[`
  let comma = ''
  for (const { values, openTimeMs } of blocks) {
    let text = ''
    for (let row = 0; row < openTimeMs.length; row++) {
      text += `${comma}[`
      comma = ','
      for (let at = row * names.length, end = at + names.length; at < end; at++) {
        const value = values[at]!
        text += jsonCell(value)
        if (at < end - 1) text += ','
      }
      text += ']'
    }
    yield text
  }
  const times = blocks.flatMap(({ openTimeMs }) => openTimeMs.map(iso))
  const last = Object.entries(after).map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
  yield `],"timestamps":${JSON.stringify(times)}${last.join('')}}`
}

/** NaN as null, the infinities as texts; −0 as -0.0, which every reader takes for what it is (Python reads -0 as the whole number 0). */
function jsonCell(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0.0' : String(value)
  return Number.isNaN(value) ? 'null' : value > 0 ? '"inf"' : '"-inf"'
}
