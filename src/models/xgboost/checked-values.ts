import { fail } from './format-error.js'

/** @throws XgboostFormatError that names `what`, like all of these */
export function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(`${what} is no object`)
  return value as Record<string, unknown>
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) fail(`${what} is no list`)
  return value as readonly unknown[]
}

/** Booleans and nulls among the numbers stay as they are. */
export function numbers(
  value: unknown,
  what: string,
): ArrayLike<number> & Iterable<number> & { some(test: (value: number) => boolean): boolean } {
  if (value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array) return value
  const values = list(value, what)
  for (const each of values)
    if (typeof each !== 'number' && typeof each !== 'boolean' && each !== null) fail(`${what} holds something else than numbers`)
  return values as number[]
}

export function text(value: unknown, what: string): string {
  if (typeof value !== 'string' || value.length > 100_000) fail(`${what} is no text`)
  return value
}

/** A whole number that stands as text, from 0 to a million. */
export function whole(value: unknown, what: string): number {
  const n = Number(text(value, what))
  if (!Number.isInteger(n) || n < 0 || n > 1_000_000) fail(`${what} is ${String(value).slice(0, 40)}`)
  return n
}
