import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { inWords } from '../in-words.js'
import { jsonPointer } from '../json-pointer.js'
import { findDuplicateName } from '../find-duplicate-name.js'
import { findJsonError } from '../predictions/find-json-error.js'
import { placeholders, secretName } from './placeholders.js'
import { followFileSchema, type FollowFile, type SourceSettings } from './schema.js'

/** A follow file that cannot be used; the message lists every problem with its JSON pointer. */
export class BadFollowFile extends Error {
  override readonly name = 'BadFollowFile'
}

/**
 * Reads what is to be followed. Paths in it become absolute: they are relative to its folder.
 * @param secrets environment variables that it may name
 * @throws BadFollowFile with every problem at once; never with the value of a secret
 */
export function readFollowFile(path: string, secrets: Readonly<Record<string, string>>): FollowFile {
  const text = readText(path)
  const refuse = (problems: readonly string[]) => new BadFollowFile(`${path} cannot be used:\n${problems.map((p) => `  ${p}`).join('\n')}`)
  const json = parse(text, refuse)
  const parsed = followFileSchema.safeParse(json, { error: inWords })
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => {
        const pointer = jsonPointer(path)
        return pointer === '' ? message : `${pointer}: ${message}`
      })
  problems.push(...missingSecrets(json, secrets))
  if (!parsed.success || problems.length > 0) throw refuse([...new Set(problems)].slice(0, 100))
  const folder = dirname(resolve(path))
  return { ...parsed.data, series: parsed.data.series.map((series) => ({ ...series, source: withAbsolutePath(series.source, folder) })) }
}

function readText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
          ? 'is not UTF-8'
          : `cannot be read (${code ?? 'unknown'})`
    throw new BadFollowFile(`the follow file ${path} ${why}`, { cause: error })
  }
}

function parse(text: string, refuse: (problems: readonly string[]) => Error): unknown {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // The engine's own message quotes the text around the place, which may be a secret.
    const { line, column } = findJsonError(text)
    throw refuse([`it is not JSON: line ${line}, column ${column}`])
  }
  const duplicate = findDuplicateName(text)
  if (duplicate !== undefined) throw refuse([`${duplicate}: this name is given twice`])
  return json
}

/** Every `${NAME}` in a URL or header that names no variable that may be used, or one that is not set. */
function missingSecrets(json: unknown, secrets: Readonly<Record<string, string>>): string[] {
  const series = (json as { series?: unknown } | null)?.series
  if (!Array.isArray(series)) return []
  return series.flatMap((one: unknown, index) => {
    const source = (one as { source?: { url?: unknown; headers?: unknown } } | null)?.source
    const headers = typeof source?.headers === 'object' && source.headers !== null ? Object.entries(source.headers) : []
    const texts: [string, unknown, boolean][] = [
      [`/series/${index}/source/url`, source?.url, false],
      ...headers.map(([name, value]): [string, unknown, boolean] => [`/series/${index}/source/headers/${name}`, value, true]),
    ]
    return texts.flatMap(([pointer, text, isHeader]) => {
      if (typeof text !== 'string') return []
      const wanted = placeholders(text).filter((name) => isHeader || secretName.test(name))
      const issues = wanted.flatMap((name) => {
        if (!secretName.test(name)) return [`${pointer}: {${name}} may not be used here; variables are named BARCAST_SECRET_…`]
        return Object.hasOwn(secrets, name) ? [] : [`${pointer}: the environment variable ${name} is not set`]
      })
      const filled = isHeader ? text.replaceAll(/\$?\{([^}]*)\}/g, (_, name: string) => secrets[name] ?? '') : ''

      return /^[\t\x20-\x7e\x80-\xff]*$/.test(filled) ? issues : [...issues, `${pointer}: holds characters that a header cannot`]
    })
  })
}

function withAbsolutePath(source: SourceSettings, folder: string): SourceSettings {
  return source.kind === 'http' ? source : { ...source, path: resolve(folder, source.path) }
}
