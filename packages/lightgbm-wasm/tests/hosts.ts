import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { version } from '../src/version.js'
import { readGolden } from './support/golden.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')

t.test('the core imports nothing of Node, and names nothing of it', (t) => {
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.js'))) {
    const source = readFileSync(join(dist, file), 'utf8')
    for (const [, from = ''] of source.matchAll(/(?:from|import)\s*\(?\s*'([^']*)'/g)) t.match(from, /^\.\.?\//, `${file} imports ${from}`)
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^']*'/g, '')
    t.notMatch(code, /\b(process|Buffer|require|setImmediate|__dirname|global)\b/, file)
  }
  t.end()
})

t.test('it loads and scores in a realm that has only what browsers, Deno and Bun have too', (t) => {
  // Modules in a bare context: no process, no Buffer, no require.
  const script = `
    import vm from 'node:vm'
    import { readFileSync } from 'node:fs'
    const context = vm.createContext({ WebAssembly, TextEncoder, TextDecoder, MessageChannel, performance, atob, Uint8Array, Int32Array, Float64Array, Float32Array, ArrayBuffer })
    const modules = new Map()
    const load = (url) => {
      if (!modules.has(url.href)) modules.set(url.href, new vm.SourceTextModule(readFileSync(url, 'utf8'), { context, identifier: url.href }))
      return modules.get(url.href)
    }
    const main = load(new URL(process.argv[1]))
    await main.link((specifier, from) => load(new URL(specifier, from.identifier)))
    await main.evaluate()
    const { model, rows } = JSON.parse(readFileSync(0, 'utf8'))
    const booster = await main.namespace.Booster.load(model)
    console.log(JSON.stringify([...booster.predict(Float64Array.from(rows))]))
  `
  const golden = readGolden('binary')
  const rows = [...golden.doubles('rows.f64').subarray(0, golden.cols * 20)].map((value) => (Number.isFinite(value) ? value : 0.5))
  const output = execFileSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      '--input-type=module',
      '-e',
      script,
      new URL('../dist/lightgbm-wasm.js', import.meta.url).href,
    ],
    { input: JSON.stringify({ model: golden.model, rows }), encoding: 'utf8' },
  )
  t.equal((JSON.parse(output) as number[]).length, 20)
  t.end()
})

t.test('the version is that of package.json', (t) => {
  t.equal(version, (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version)
  t.end()
})
