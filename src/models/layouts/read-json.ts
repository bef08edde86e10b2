import { readBundleFile } from '../read-bundle-file.js'
import type { ModelRules } from '../model-rules.js'
import { nestsDeeper } from '../nests-deeper.js'
import { refuseDuplicateKeys } from '../refuse-duplicate-keys.js'
import { Refused } from '../refused.js'

const maxBytes = 16 * 2 ** 20

/**
 * A JSON object of a model's folder; undefined when the file is not there. Bare NaN and Infinity, which Python writes, become null.
 * @param options refusesDuplicateKeys: for files in our own words; training systems read theirs as they like
 * @throws Refused `bad-manifest` when it is too large, no JSON or no object, or has a key twice
 */
export async function readJson(
  folder: string,
  file: string,
  { root }: ModelRules,
  { refusesDuplicateKeys = false } = {},
): Promise<Record<string, unknown> | undefined> {
  const bytes = await readBundleFile({ root, bundle: folder, file, maxBytes, refusal: 'bad-manifest' })
  if (bytes === undefined) return undefined
  if (nestsDeeper(bytes, 100)) throw new Refused('bad-manifest', `${file} nests deeper than 100 levels`)
  const value = parse(bytes, file, refusesDuplicateKeys)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refused('bad-manifest', `${file} is no JSON object`)
  return value as Record<string, unknown>
}

function parse(bytes: Uint8Array, file: string, refusesDuplicateKeys: boolean): unknown {
  try {
    const written = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const text = written.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) => (token.startsWith('"') ? token : 'null'))
    const value: unknown = JSON.parse(text)
    if (refusesDuplicateKeys) refuseDuplicateKeys(text, file)
    return value
  } catch (error) {
    if (error instanceof Refused) throw error
    throw new Refused('bad-manifest', `${file} is not JSON: ${(error as Error).message}`, {}, { cause: error })
  }
}

/** A list of texts, when the value is one. */
export function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined
}

/** An object, or an empty one. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
