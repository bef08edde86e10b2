import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type CompatName, compatNames } from './compat/compat-names.js'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const modelName = /^[a-z0-9][a-z0-9._-]{0,99}$/
const sampleModels = fileURLToPath(new URL('../examples/models', import.meta.url))

/** The process's own, for what libraries read there. */
export const environment = process.env

/** Every setting, once: what it is called, what it is when nothing is said, how its text is read. */
const settings = {
  host: setting('BARCAST_HOST', '127.0.0.1', 'address to listen on; 0.0.0.0 for all', z.string()),
  port: setting('BARCAST_PORT', '8080', 'port to listen on; 0 lets the system pick one', wholeNumber(0, 65_535)),
  models: setting('BARCAST_MODELS', 'the sample models', 'models directory', z.string(), sampleModels),
  database: setting('BARCAST_DATABASE', 'data/barcast.duckdb', 'database file; :memory: keeps nothing', z.string()),
  checksums: setting(
    'BARCAST_CHECKSUMS',
    'strict',
    'strict refuses a wrong digest, warn serves and says so, off does not look',
    oneOf(['strict', 'warn', 'off']),
  ),
  allowUnsigned: setting('BARCAST_ALLOW_UNSIGNED', 'false', 'serve a bundle that states no digest', yesOrNo()),
  modelMemoryBytes: setting(
    'BARCAST_MODEL_MEMORY',
    '512mb',
    'memory of all models in use; the least recently used are unloaded beyond it',
    byteCount(1024, 1024 ** 4),
  ),
  modelWatchSeconds: setting(
    'BARCAST_MODEL_WATCH',
    '5',
    'seconds between looks at the models directory; 0: only POST /models/reload',
    wholeNumber(0, 86_400),
  ),
  requiredModels: setting('BARCAST_REQUIRED_MODELS', '', 'names, with commas, without which /readyz is not ready', modelNames()),
  follow: setting('BARCAST_FOLLOW', '', 'file that says which series to follow; empty: none', z.string()),
  verifyPerHour: setting(
    'BARCAST_VERIFY_PER_HOUR',
    '0',
    'stored predictions that are derived again in the background, per hour; 0: none',
    wholeNumber(0, 36_000),
  ),
  bodyLimitBytes: setting('BARCAST_BODY_LIMIT', '16mb', 'largest request body: bytes, or with kb or mb', byteCount(1024, 256 * 1024 ** 2)),
  compat: setting(
    'BARCAST_COMPAT',
    'all',
    `other systems whose endpoints are answered too: all, none, or ${compatNames.join(',')}`,
    compatList(),
  ),
  logLevel: setting('BARCAST_LOG_LEVEL', 'info', logLevels.join(', '), oneOf(logLevels)),
} as const

type Settings = typeof settings
export type Config = { readonly [Key in keyof Settings]: z.output<Settings[Key]['schema']> } & {
  /** Names that start with BARCAST_ and mean nothing: most likely typing errors. */
  readonly unknownNames: readonly string[]
  /** Variables that a follow file may name, BARCAST_SECRET_…, with their values. Not enumerable, so that no log shows them. */
  readonly secrets: Readonly<Record<string, string>>
}

/** Settings that cannot be used; the message lists every one of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(readonly issues: readonly string[]) {
    super(
      `${issues.length === 1 ? 'a setting is' : `${issues.length} settings are`} not usable:\n${issues.map((p) => `  ${p}`).join('\n')}`,
    )
  }
}

/**
 * Reads the settings; an empty text counts as not set.
 * @throws ConfigError with every problem at once
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = environment): Config {
  const issues: string[] = []
  const config = Object.entries(settings).map(([key, { name, schema, fallback }]) => {
    const text = env[name]?.trim() || fallback
    const result = (schema as z.ZodType).safeParse(text)
    if (!result.success) issues.push(`${name}=${JSON.stringify(text)}: ${result.error.issues.map((issue) => issue.message).join('; ')}`)
    return [key, result.data] as const
  })
  if (issues.length > 0) throw new ConfigError(issues)
  const known = new Set(Object.values(settings).map(({ name }) => name))
  const isSecret = (name: string) => name.startsWith('BARCAST_SECRET_')
  const unknownNames = Object.keys(env).filter((name) => name.startsWith('BARCAST_') && !isSecret(name) && !known.has(name))
  const secrets = Object.fromEntries(Object.entries(env).filter(([name, value]) => isSecret(name) && value !== undefined && value !== ''))
  const shown = { ...Object.fromEntries(config), unknownNames }
  return Object.freeze(Object.defineProperty(shown, 'secrets', { value: Object.freeze(secrets) })) as unknown as Config
}

/** The settings as a table for `--help`: name, default, meaning. */
export function settingsTable(): string {
  const rows = Object.values(settings).map(({ name, shown, about }) => [name, shown, about] as const)
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length)) + 2
  return rows.map(([name, shown, about]) => `  ${name.padEnd(width(0))}${shown.padEnd(width(1))}${about}`).join('\n')
}

/** Name, default as shown, meaning: one row per setting. */
export function settingNames(): { name: string; shown: string }[] {
  return Object.values(settings).map(({ name, shown }) => ({ name, shown }))
}

function setting<Schema extends z.ZodType>(name: string, shown: string, about: string, schema: Schema, fallback = shown) {
  return { name, shown, about, schema, fallback }
}

function wholeNumber(min: number, max: number) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max,
      `a whole number from ${min} to ${max} is expected`,
    )
    .transform(Number)
}

function oneOf<const Values extends readonly string[]>(values: Values) {
  return z
    .string()
    .toLowerCase()
    .pipe(z.enum(values, { error: `one of ${values.join(', ')} is expected` }))
}

function yesOrNo() {
  return z
    .string()
    .toLowerCase()
    .refine((text) => ['true', 'false', '1', '0', 'yes', 'no'].includes(text), 'true or false is expected')
    .transform((text) => ['true', '1', 'yes'].includes(text))
}

function compatList() {
  const split = z.string().transform((text) =>
    text
      .toLowerCase()
      .split(',')
      .flatMap((name) => name.trim() || []),
  )
  const isKnown = (name: string): name is CompatName => (compatNames as readonly string[]).includes(name)
  return split
    .refine(
      (names) => names.every(isKnown) || ['all', 'none'].includes(names.join()),
      `all, none, or ${compatNames.join(' and ')} with a comma are expected`,
    )
    .transform((names): readonly CompatName[] => (names.join() === 'all' ? compatNames : names.filter(isKnown)))
}

function modelNames() {
  const names = z.string().transform((text) => text.split(',').flatMap((name) => name.trim() || []))
  return names.refine(
    (list) => list.every((name) => modelName.test(name)),
    'model names (a-z, 0-9, ".", "_", "-") with commas are expected',
  )
}

function byteCount(min: number, max: number) {
  const units: Record<string, number> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2 }
  const expected = `bytes, or a number with kb or mb, from 1kb to ${max / 1024 ** 2}mb are expected`
  const bytes = z.string().transform((text) => {
    const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.toLowerCase()) ?? []
    return Math.floor(Number(count) * (units[unit ?? '?'] ?? NaN))
  })
  return bytes.refine((value) => value >= min && value <= max, expected)
}
