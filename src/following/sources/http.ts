import { columnOf } from '../../candles/column.js'
import { parseCandles } from '../../candles/parse.js'
import type { Submission } from '../../candles/submission.js'
import type { Series } from '../../store/series.js'
import { FollowFailure } from '../failure.js'
import { fillPlaceholders } from '../placeholders.js'
import type { SourceSettings } from '../schema.js'
import type { Source } from '../source.js'
import { requestBytes } from './request-bytes.js'

export type HttpSettings = Extract<SourceSettings, { kind: 'http' }>

/**
 * A URL that answers with candles: rows as exchanges give them, records or columns.
 * @param secrets values for `${NAME}` in URL and headers; none of them gets into a message
 */
export function createHttpSource(settings: HttpSettings, series: Series, secrets: Readonly<Record<string, string>>): Source {
  const perMs = settings.time_unit === 's' ? 1_000 : 1
  const headers = Object.fromEntries(
    Object.entries(settings.headers).map(([name, value]) => [name, fillPlaceholders(value, secrets, (text) => text)]),
  )
  const fixed = {
    ...secrets,
    symbol: settings.symbol ?? series.symbol,
    interval: settings.interval ?? series.timeframe,
    limit: String(settings.limit),
  }
  return {
    pageBars: settings.limit,
    about: `http ${new URL(settings.url.replaceAll(/\$?\{[^}]*\}/g, '1')).host}`,
    async page(sinceMs, signal) {
      const since = String(Math.floor(sinceMs / perMs))
      const url = fillPlaceholders(settings.url, { ...fixed, since }, encodeURIComponent)
      const { timeout_ms: timeoutMs, max_bytes: maxBytes } = settings
      const bytes = await requestBytes({ url, headers: { accept: 'application/json', ...headers }, timeoutMs, maxBytes }, signal)
      return toSubmission(readJson(bytes), settings)
    },
  }
}

function readJson(bytes: Uint8Array): unknown {
  let text: string | undefined
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return JSON.parse(text)
  } catch (error) {
    const isCut = text !== undefined && failedAtEnd(text, (error as Error).message)
    const what = isCut ? `is cut off: its JSON ends in the middle, after ${bytes.length} bytes` : `of ${bytes.length} bytes is not JSON`
    throw new FollowFailure('bad-json', `the answer ${what}`)
  }
}

/** Whether the parser ran into the end. Its own words are not shown: they quote what was sent. */
function failedAtEnd(text: string, message: string): boolean {
  return /^Unexpected end|^Unterminated/.test(message) || message.endsWith(`at position ${text.length}`)
}

/** @returns undefined when the answer holds no candles */
function toSubmission(answer: unknown, settings: HttpSettings): Submission | undefined {
  const candles = valueAt(answer, settings.at)
  if (isEmpty(candles)) return undefined
  const layout = layoutOf(candles)
  if (layout === undefined || (settings.shape !== undefined && layout !== settings.shape)) {
    const wanted = settings.shape ?? 'rows, records or columns'
    const place = settings.at === '' ? 'the answer' : `the answer at ${settings.at}`
    throw new FollowFailure('bad-candles', `${wanted} are expected in ${place}, ${layout ?? 'something else'} came`)
  }
  const value = layout === 'rows' && settings.columns !== undefined ? byName(candles as unknown[][], settings.columns) : candles
  try {
    return parseCandles(settings.time_unit === 's' ? inMilliseconds(value) : value)
  } catch (cause) {
    throw new FollowFailure('bad-candles', (cause as Error).message, { cause })
  }
}

function valueAt(answer: unknown, pointer: string): unknown {
  let value = answer
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
      throw new FollowFailure('bad-candles', `the answer has nothing at ${pointer}`)
    }
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

function isEmpty(candles: unknown): boolean {
  if (Array.isArray(candles)) return candles.length === 0
  if (typeof candles !== 'object' || candles === null) return false
  const cells = Object.values(candles)
  return cells.length > 0 && cells.every((column) => Array.isArray(column) && column.length === 0)
}

function layoutOf(candles: unknown): 'rows' | 'records' | 'columns' | undefined {
  if (Array.isArray(candles)) return Array.isArray(candles[0]) ? 'rows' : 'records'
  return typeof candles === 'object' && candles !== null ? 'columns' : undefined
}

/** Rows as records under the names that the settings give their cells. */
function byName(rows: readonly unknown[], names: readonly string[]): unknown {
  return rows.map((row) => (Array.isArray(row) ? Object.fromEntries(names.map((name, i) => [name, row[i] as unknown])) : row))
}

/** Times that are numbers of seconds, or texts of digits, as milliseconds; the names that `column.ts` reads as a time. */
function inMilliseconds(candles: unknown): unknown {
  const scaled = (cell: unknown): unknown => {
    if (Array.isArray(cell)) return cell.map(scaled)
    if (typeof cell === 'number') return cell * 1_000
    return typeof cell === 'string' && /^\d+(\.\d+)?$/.test(cell) ? Number(cell) * 1_000 : cell
  }
  const inRecord = (record: unknown): unknown => {
    if (Array.isArray(record)) return [scaled(record[0]), ...(record.slice(1) as unknown[])]
    if (typeof record !== 'object' || record === null) return record
    return Object.fromEntries(
      Object.entries(record).map(([name, cell]) => [name, columnOf(name) === 'timestamp' ? scaled(cell) : (cell as unknown)]),
    )
  }
  return Array.isArray(candles) ? candles.map(inRecord) : inRecord(candles)
}
