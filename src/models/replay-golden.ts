import { setImmediate } from 'node:timers/promises'
import { Refused } from './refused.js'
import type { ShapedScore } from './shaped-score.js'

/** What the replay needs of a model. */
export interface GoldenScorer {
  readonly featureNames: readonly string[]
  /** Raw scores per row: 1, or the number of classes. */
  readonly nOutputs: number
  readonly score: ShapedScore
}

/**
 * Scores the rows of a bundle's `golden.jsonl` and compares every bit. Features that the model does not have, and further members of a
 * row, are ignored; blank lines too. Lets other work of the process in between.
 * @param tolerance 0: every bit counts; otherwise the largest distance, relative to the larger of 1 and the expected value
 * @returns how many rows were compared
 * @throws Refused `golden-mismatch` with the first row that differs or cannot be read
 */
export async function replayGolden(bytes: Uint8Array, scorer: GoldenScorer, tolerance = 0): Promise<number> {
  const { featureNames, nOutputs, score } = scorer
  const lines = decode(bytes).split('\n')
  let nRows = 0
  const row = new Float64Array(featureNames.length)
  for (const [index, text] of lines.entries()) {
    if (text.trim() === '') continue
    if (++nRows > MOST_ROWS) throw new Refused('golden-mismatch', `golden.jsonl has more than ${MOST_ROWS} rows`)
    const line = index + 1
    if (nRows % ROWS_AT_ONCE === 0) await setImmediate()
    const golden = readRow(text, line)
    featureNames.forEach((name, i) => {
      row[i] = readFeature(golden.features, name, line)
    })
    if (golden.raw.length !== nOutputs) throw unusable(line, `raw has ${golden.raw.length} values, the model has ${nOutputs} outputs`)
    const { raw: got } = score.now === undefined ? await score.later(row) : score.now(row)
    golden.raw.forEach((cell, output) => {
      const expected = readValue(cell)
      if (expected === undefined) throw unusable(line, 'raw holds something else than numbers')
      if (!isReproduced(expected, got[output]!, tolerance)) {
        throw new Refused(
          'golden-mismatch',
          `row ${nRows} of golden.jsonl (line ${line}): the model gives ${got[output]} where ${expected} is expected; the model or the rows are not those of the training`,
          { row: nRows, line, output, expected: jsonNumber(expected), got: jsonNumber(got[output]!) },
        )
      }
    })
  }
  return nRows
}

const MOST_ROWS = 10_000
/** Without a tolerance every bit counts. */
function isReproduced(expected: number, got: number, tolerance: number): boolean {
  return Object.is(expected, got) || (tolerance > 0 && Math.abs(expected - got) <= tolerance * Math.max(1, Math.abs(expected)))
}

/** About 1 ms of parsing with 420 features. */
const ROWS_AT_ONCE = 10

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new Refused('golden-mismatch', 'golden.jsonl is not UTF-8', {}, { cause: error })
  }
}

function readRow(text: string, line: number): { features: Readonly<Record<string, unknown>>; raw: readonly unknown[] } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw unusable(line, 'not JSON')
  }
  const { features, raw } = (typeof json === 'object' && json !== null ? json : {}) as { features?: unknown; raw?: unknown }
  if (typeof features !== 'object' || features === null || Array.isArray(features) || !Array.isArray(raw)) {
    throw unusable(line, '{"features": {name: value, …}, "raw": [value, …]} is expected')
  }
  return { features: features as Record<string, unknown>, raw }
}

function readFeature(features: Readonly<Record<string, unknown>>, name: string, line: number): number {
  if (!Object.hasOwn(features, name)) throw unusable(line, `feature ${name} is missing`)
  const value = readValue(features[name])
  if (value === undefined) throw unusable(line, `feature ${name} is no number, null, "inf" or "-inf"`)
  return value
}

/** null = NaN, "inf" and "-inf" as JSON has no infinities; undefined for everything that is no value. */
function readValue(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (value === null) return NaN
  return value === 'inf' ? Infinity : value === '-inf' ? -Infinity : undefined
}

function jsonNumber(value: number): number | string | null {
  if (Number.isFinite(value)) return value
  return Number.isNaN(value) ? null : value > 0 ? 'inf' : '-inf'
}

function unusable(line: number, why: string): Refused {
  return new Refused('golden-mismatch', `line ${line} of golden.jsonl: ${why}`, { line })
}
