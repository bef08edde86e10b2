import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import ts from 'typescript'
import { Booster } from '../src/booster.js'
import type * as CompileEngine from '../src/compile-engine.js'
import { scalarModule, simdModule } from '../src/generated/wasm.js'
import { version } from '../src/version.js'
import { readGolden } from './support/golden.js'
import { difference } from './support/same-bits.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')

t.test('the core imports nothing of Node, and names nothing of it', (t) => {
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.js'))) {
    const source = readFileSync(join(dist, file), 'utf8')
    for (const [, from = ''] of source.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']*)'/g))
      t.match(from, /^\.\.?\//, `${file} imports ${from}`)
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^']*'/g, '')
    t.notMatch(code, /\b(process|Buffer|require|setImmediate|__dirname|global)\b/, file)
  }
  t.end()
})

t.test('it loads and scores in a realm that has only what browsers, Deno and Bun have too', async (t) => {
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
  const booster = await Booster.load(golden.bytes)
  t.equal(difference(JSON.parse(output) as number[], booster.predict(Float64Array.from(rows))), '')
})

t.test('without SIMD the package takes the other build by itself, and gives the same bits', (t) => {
  const script = `
    const lengths = []
    WebAssembly.Module = new Proxy(WebAssembly.Module, { construct: (target, [bytes]) => (lengths.push(bytes.length), new target(bytes)) })
    if (process.argv[2] === 'hidden') WebAssembly.validate = () => false
    const { readFileSync } = await import('node:fs')
    const { Booster } = await import(process.argv[1])
    const { model, rows } = JSON.parse(readFileSync(0, 'utf8'))
    const raw = (await Booster.load(model)).predict(new Float64Array(Uint8Array.from(Buffer.from(rows, 'base64')).buffer), { rawScore: true })
    console.log(JSON.stringify({ lengths, raw: Buffer.from(raw.buffer).toString('base64') }))
  `
  const golden = readGolden('binary')
  const expected = golden.doubles('raw.f64')
  const input = JSON.stringify({ model: golden.model, rows: Buffer.from(golden.doubles('rows.f64').buffer).toString('base64') })
  const [simd, scalar] = [simdModule, scalarModule].map((text) => atob(text).length)
  t.not(simd, scalar)
  const run = (flags: readonly string[], how: string) => {
    const args = [...flags, '--import', 'tsx', '--input-type=module', '-e', script, new URL('../src/booster.ts', import.meta.url).href, how]
    const { lengths, raw } = JSON.parse(execFileSync(process.execPath, args, { input, encoding: 'utf8' })) as {
      lengths: number[]
      raw: string
    }
    t.equal(difference(new Float64Array(Uint8Array.from(Buffer.from(raw, 'base64')).buffer), expected), '', `${flags.join(' ')} ${how}`)
    return lengths
  }
  t.strictSame(run([], 'plain'), [simd])
  t.strictSame(run([], 'hidden'), [scalar], 'a host that does not know the instructions')
  // Other processors have no such flags.
  if (process.arch === 'x64') t.strictSame(run(['--no-enable-ssse3', '--no-enable-sse4-1'], 'plain'), [scalar])
  t.end()
})

t.test('a compilation that failed is tried again', async (t) => {
  // A copy of the module of its own, which has compiled nothing yet.
  const fresh = (await import(new URL('../src/compile-engine.ts?fresh', import.meta.url).href)) as typeof CompileEngine
  const { Module, compile } = WebAssembly
  const refuse = () => {
    throw new Error('no memory today')
  }
  Object.assign(WebAssembly, { Module: refuse, compile: () => Promise.reject(new Error('no memory today')) })
  try {
    await t.rejects(fresh.compileEngine(), { message: 'no memory today' })
  } finally {
    Object.assign(WebAssembly, { Module, compile })
  }
  t.ok((await fresh.compileEngine()) instanceof Module)
})

t.test('the types need no lib.dom', (t) => {
  const folder = t.testdir({
    'consumer.ts': `
      import { Booster, type PredictOptions, type Rows } from './types/lightgbm-wasm.js'
      export async function score(model: Uint8Array, rows: Rows, options: PredictOptions): Promise<Float64Array | Int32Array> {
        return (await Booster.load(model)).predict(rows, options)
      }
    `,
  })
  const build = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.build.json'),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} },
  )
  const emitted = { ...build?.options, outDir: join(folder, 'types'), declaration: true, emitDeclarationOnly: true, noEmit: false }
  ts.createProgram(build?.fileNames ?? [], emitted).emit()
  const program = ts.createProgram([join(folder, 'consumer.ts')], {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  })
  const problems = ts.getPreEmitDiagnostics(program).map((each) => ts.flattenDiagnosticMessageText(each.messageText, ' '))
  t.strictSame(problems, [])
  t.end()
})

t.test('the version is that of package.json', (t) => {
  t.equal(version, (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version)
  t.end()
})
