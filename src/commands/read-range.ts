import { parseTime, whyNoTime } from '../candles/parse-time.js'
import { InputError } from './input-error.js'

/** Inclusive, epoch milliseconds; ±∞ where nothing was said. */
export interface Range {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * Values of `--from` and `--to`.
 * @throws InputError for what is no time, or no range
 */
export function readRange({ from, to }: { readonly from?: string; readonly to?: string }): Range {
  const fromMs = from === undefined ? -Infinity : readTime('--from', from)
  const toMs = to === undefined ? Infinity : readTime('--to', to)
  if (fromMs > toMs) throw new InputError(`--from ${from} is later than --to ${to}`)
  return { fromMs, toMs }
}

/** @throws InputError that names the option */
export function readTime(option: string, text: string): number {
  const ms = parseTime(text)
  if (Number.isNaN(ms)) throw new InputError(`${option} ${JSON.stringify(text)} ${whyNoTime(text)}`)
  return ms
}

/** A range as query parameters. */
export function rangeQuery({ fromMs, toMs }: Range): { from: number | undefined; to: number | undefined } {
  return { from: Number.isFinite(fromMs) ? fromMs : undefined, to: Number.isFinite(toMs) ? toMs : undefined }
}
