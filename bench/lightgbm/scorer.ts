// lightgbm-wasm behind a pipe: the same commands as bench/native/harness.c, and `dump mixed …` for calls of 2 to 63 rows, `text` to
// read a model without loading it, `block` for the longest stop of the event loop while it loads, `memory` and `wasm` for sizes. Started by bench/lightgbm.ts, with --expose-gc; another build of
// the package can be given as argument.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type * as Package from 'lightgbm-wasm'
import { watchWebAssembly } from './watch-webassembly.js'

type Rows = Float64Array | Float32Array

const watch = watchWebAssembly()
const { Booster } = (await import(process.argv[2] ?? 'lightgbm-wasm')) as typeof Package
type Loaded = Awaited<ReturnType<typeof Booster.load>>

const state = {
  text: new Uint8Array(),
  booster: undefined as Loaded | undefined,
  columns: 0,
  rows: { f64: new Float64Array(), f32: new Float32Array() },
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'quit') break
  try {
    const answer = await run(line)
    process.stdout.write(`ok ${answer.byteLength}\n`)
    process.stdout.write(new Uint8Array(answer.buffer, answer.byteOffset, answer.byteLength))
  } catch (error) {
    process.stdout.write(`error ${String(error).replaceAll('\n', ' ')}\n`)
  }
}

async function run(line: string): Promise<Float64Array> {
  const [command = '', ...words] = line.split(' ')
  const [how = '', kind = '', type = '', start = '', n = '', ...rest] = words
  switch (command) {
    case 'model':
      return Float64Array.of(await loadModel(how))
    case 'text':
      state.text = readFileSync(how)
      return Float64Array.of(state.text.length)
    case 'rows':
      return Float64Array.of(loadRows(how, Number(kind)))
    case 'dump':
      return dump(how, kind, rowsOf(type), Number(start), Number(n), parameters(rest))
    case 'time':
      return time(how, kind, rowsOf(type), Number(start), Number(n), Number(rest[0]))
    case 'load':
      return timeLoad()
    case 'memory':
      return memory()
    case 'block':
      return Float64Array.of(await longestBlockMs())
    case 'wasm':
      return Float64Array.of(watch.moduleBytes())
    default:
      throw new Error(`unknown command ${command}`)
  }
}

async function loadModel(path: string): Promise<number> {
  state.booster?.dispose()
  state.booster = undefined
  state.text = readFileSync(path)
  state.booster = await Booster.load(state.text)
  return state.booster.numTrees()
}

function loadRows(path: string, columns: number): number {
  const bytes = readFileSync(path)
  state.columns = columns
  state.rows.f64 = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  state.rows.f32 = Float32Array.from(state.rows.f64)
  return state.rows.f64.length / columns
}

function dump(how: string, kind: string, rows: Rows, start: number, n: number, options: object): Float64Array {
  const booster = loaded()
  const asked = { ...optionsOf(kind), ...options }
  const parts: ArrayLike<number>[] = []
  let out: Float64Array | Int32Array | undefined
  for (let done = 0, call = 0; done < n; call++) {
    const count = Math.min(n - done, how === 'fast' ? 1 : how === 'mixed' ? 2 + (call % 62) : n)
    const block = cut(rows, start + done, count)
    if (how === 'fast') {
      // One output array for all rows, as with SingleRowFast; the first call says how long it is.
      out ??= booster.predict(block, asked) as Float64Array | Int32Array
      parts.push(Array.from(booster.predict(block, { ...asked, out }) as ArrayLike<number>))
    } else {
      parts.push(booster.predict(block, asked))
    }
    done += count
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const all = new Float64Array(length)
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0)
  return all
}

function time(how: string, kind: string, rows: Rows, start: number, n: number, block: number): Float64Array {
  const booster = loaded()
  const pool = rows.length / state.columns
  const size = how === 'fast' ? 1 : block
  const blocks: Rows[] = []
  for (let done = 0; done < n; done += size) {
    const row = (start + done) % pool
    blocks.push(cut(rows, row + size > pool ? pool - size : row, size))
  }
  const first = booster.predict(blocks[0]!, optionsOf(kind))
  const options = { ...optionsOf(kind), out: first }
  // What the process has used, V8's own threads included: on a busy machine the clock tells of others.
  const cpu = process.cpuUsage()
  const started = process.hrtime.bigint()
  for (const rowsOfBlock of blocks) booster.predict(rowsOfBlock, options)
  const elapsed = process.hrtime.bigint() - started
  const { user, system } = process.cpuUsage(cpu)
  return Float64Array.of((user + system) * 1000, Number(elapsed))
}

async function timeLoad(): Promise<Float64Array> {
  const first = cut(state.rows.f64, 0, 1)
  const started = process.hrtime.bigint()
  const booster = await Booster.load(state.text)
  const afterLoad = process.hrtime.bigint()
  booster.predict(first, { rawScore: true })
  const afterFirst = process.hrtime.bigint()
  booster.dispose()
  return Float64Array.of(Number(afterLoad - started), Number(afterFirst - started))
}

/**
 * Growth by one loaded booster, in bytes: linear memory, JavaScript heap, array buffers and other, resident set; then the same once it has
 * scored 1,000 rows in one call, for which it makes tables that it keeps.
 */
async function memory(): Promise<Float64Array> {
  const copies = 4
  const boosters: Loaded[] = []
  const pool = state.rows.f64.length / state.columns
  const before = sizes()
  for (let copy = 0; copy < copies; copy++) boosters.push(await Booster.load(state.text))
  for (const booster of boosters) booster.predict(cut(state.rows.f64, 0, 1), { rawScore: true })
  const afterLoad = sizes()
  for (const booster of boosters) booster.predict(cut(state.rows.f64, 0, Math.min(1000, pool)), { rawScore: true })
  const afterCall = sizes()
  for (const booster of boosters) booster.dispose()
  return Float64Array.from([...afterLoad, ...afterCall], (bytes, index) => (bytes - before[index % before.length]!) / copies)
}

function sizes(): Float64Array {
  for (let round = 0; round < 4; round++) globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return Float64Array.of(watch.linearBytes(), heapUsed, external, rss)
}

async function longestBlockMs(): Promise<number> {
  let last = performance.now()
  let longest = 0
  let running = true
  const tick = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (running) setImmediate(tick)
  }
  setImmediate(tick)
  const booster = await Booster.load(state.text)
  await new Promise(setImmediate)
  running = false
  booster.dispose()
  return longest
}

function optionsOf(kind: string): object {
  return kind === 'raw' ? { rawScore: true } : kind === 'leaf' ? { predLeaf: true } : kind === 'contrib' ? { predContrib: true } : {}
}

/** `pred_early_stop=true num_iteration=5` → `{ predEarlyStop: true, numIteration: 5 }` */
function parameters(words: readonly string[]): object {
  return Object.fromEntries(
    words.filter(Boolean).map((word) => {
      const [name = '', value = ''] = word.split('=')
      return [name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()), value === 'true' ? true : Number(value)]
    }),
  )
}

function cut(rows: Rows, start: number, n: number): Rows {
  return rows.subarray(start * state.columns, (start + n) * state.columns)
}

function rowsOf(type: string): Rows {
  return type === 'f32' ? state.rows.f32 : state.rows.f64
}

function loaded(): Loaded {
  if (!state.booster) throw new Error('no model')
  return state.booster
}
