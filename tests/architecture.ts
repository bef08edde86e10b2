import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'

const src = resolve(import.meta.dirname, '../src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

/** Folders that know no HTTP and are built on by the rest; what each may import besides itself and the leaves. */
const below: Record<string, readonly string[]> = {
  candles: [],
  features: ['candles'],
  store: ['candles'],
  models: ['candles', 'features'],
}
const leaves = [
  'errors.ts',
  'family-key.ts',
  'find-duplicate-name.ts',
  'in-words.ts',
  'iso.ts',
  'json-pointer.ts',
  'nearest-name.ts',
  'quote-sql.ts',
  'shorten.ts',
]
/** Layouts of other systems know those systems' catalogues. */
const catalogueOf: Record<string, RegExp> = {
  'models/layouts/': /^features\/(foxml|crypto-bot|ml-layer-1|raw-sequence)\//,
}
/** What one noun may see of another's folder: the interface, never the inside. */
const interfaces: Record<string, readonly string[]> = {
  features: ['features/catalogue.ts', 'features/with-history.ts'],
  models: ['models/model.ts', 'models/registry.ts', 'models/scorer-of.ts'],
  store: [
    'store/store.ts',
    'store/series.ts',
    'store/candle-store.ts',
    'store/feature-store.ts',
    'store/job-store.ts',
    'store/log-store.ts',
    'store/outcome-store.ts',
  ],
}

function importsOf(file: string): { specifier: string; target: string | undefined }[] {
  const text = readFileSync(join(src, file), 'utf8')
  return [...text.matchAll(/^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]/gm)].map((match) => {
    const specifier = (match[1] ?? match[2])!
    const target = specifier.startsWith('.') ? relative(src, resolve(src, dirname(file), specifier)).replace(/\.js$/, '.ts') : undefined
    return { specifier, target }
  })
}

t.test('arrows point one way', (t) => {
  for (const file of files) {
    const folder = file.split('/')[0]!
    const allowed = below[folder]
    if (allowed === undefined) continue
    for (const { specifier, target } of importsOf(file)) {
      if (target === undefined) {
        t.notMatch(specifier, /fastify/, `${file} knows no HTTP`)
        continue
      }
      const other = target.split('/')[0]!
      if (other === folder || leaves.includes(target)) continue
      t.ok(allowed.includes(other), `${file} may import ${target}`)
      if (Object.entries(catalogueOf).some(([prefix, known]) => file.startsWith(prefix) && known.test(target))) continue
      if (interfaces[other] !== undefined)
        t.ok(interfaces[other].includes(target), `${file} sees the interface of ${other} only, not ${target}`)
    }
  }
  t.end()
})

t.test('predictions see interfaces only', (t) => {
  for (const file of files.filter((name) => name.startsWith('predictions/'))) {
    for (const { target } of importsOf(file)) {
      const other = target?.split('/')[0] ?? ''
      if (target !== undefined && interfaces[other] !== undefined) t.ok(interfaces[other].includes(target), `${file} imports ${target}`)
    }
  }
  t.end()
})

t.test('the environment is read in one file', (t) => {
  for (const file of files.filter((name) => name !== 'config.ts')) t.notMatch(readFileSync(join(src, file), 'utf8'), /process\.env/, file)
  t.end()
})

t.test('no file is named for nothing', (t) => {
  for (const file of files) t.notMatch(file, /(^|\/)(utils?|helpers?|types|constants|index|common|misc)\.ts$/, file)
  t.end()
})
