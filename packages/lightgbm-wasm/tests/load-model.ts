import t from 'tap'
import { Booster } from '../src/booster.js'
import type { Breather } from '../src/breather.js'
import { compileEngine } from '../src/compile-engine.js'
import { encodeText } from '../src/encode-text.js'
import { loadModel } from '../src/load-model.js'
import { readGolden } from './support/golden.js'
import { modelText, stump } from './support/model-text.js'
import { difference } from './support/same-bits.js'

t.test('loading goes in small steps, and boosters load side by side', async (t) => {
  const golden = readGolden('deep')
  // The same trees again and again: a file of some 20 MB.
  const [head = '', ...blocks] = golden.model.replace(/^tree_sizes=.*\n/m, '').split(/^(?=Tree=)/m)
  const [last = '', tail = ''] = (blocks.pop() ?? '').split(/^(?=end of trees)/m)
  const trees = [...blocks, last]
  const copies = Math.ceil(20e6 / trees.join('').length)
  const model = new TextEncoder().encode(head + trees.join('').repeat(copies) + tail)
  const watched = watch(model)
  const [{ engine }, large, small] = await Promise.all([
    compileEngine().then((module) => loadModel(module, model, watched.pause)),
    Booster.load(model.slice()),
    Booster.load(golden.bytes),
  ])
  t.ok(watched.mostBytes() <= 1 << 18, `${watched.mostBytes()} bytes between two looks at the clock`)
  const steps = watched.stepsBehind()
  const leaves = copies * (golden.model.match(/^num_leaves=(\d+)$/gm) ?? []).reduce((sum, line) => sum + Number(line.slice(11)), 0)
  t.ok(steps >= leaves / 100_000, `${steps} steps to prepare ${leaves} leaves`)
  t.equal(engine.treeCount(), golden.trees * copies)
  t.equal(large.numTrees(), golden.trees * copies)
  const rows = golden.doubles('rows.f64')
  t.equal(difference(small.predict(rows, { rawScore: true }), golden.doubles('raw.f64')), '')
  t.equal(difference(large.predict(rows, { rawScore: true, numIteration: golden.trees }), golden.doubles('raw.f64')), '')
  t.equal(difference(large.predict(rows, { rawScore: true, startIteration: golden.trees * (copies - 1) }), golden.doubles('raw.f64')), '')
})

t.test('a window may end anywhere in a file', async (t) => {
  // The window is 16 KiB: a header that grows byte by byte moves every later window border over the trees.
  const golden = readGolden('categorical')
  const rows = golden.doubles('rows.f64')
  for (let extra = 0; extra < 60; extra++) {
    const padded = golden.model.replace('Tree=1\n', `Tree=1${'1'.repeat(extra)}\n`)
    const booster = await Booster.load(padded)
    t.equal(difference(booster.predict(rows, { rawScore: true }), golden.doubles('raw.f64')), '')
  }
})

t.test('a string of any characters, in pieces', async (t) => {
  const pause: Breather = { due: () => false, breathe: async () => {} }
  for (const unit of ['a', 'é', '価', '🚀', 'a🚀', '\ud800', '\udc00a']) {
    for (const shift of [0, 1, 2]) {
      const text = 'x'.repeat(shift) + unit.repeat(Math.ceil(150_000 / unit.length))
      t.same(Buffer.from(await encodeText(text, pause)).equals(new TextEncoder().encode(text)), true, `${unit}, ${shift}`)
    }
  }
})

t.test('many lines, long lines and long lists: the clock is looked at in between', async (t) => {
  const model = modelText([stump(0.5, 2)], {}, '\npandas_categorical:[["a"]]\n')
  const behind = (text: string) => model + text
  const inHeader = (text: string) => model.replace('label_index=0', text)
  const large: Record<string, readonly [string, string | null]> = {
    'empty lines at the start': ['tree\n' + '\n'.repeat(2e6), 'unsupported-version'],
    'empty lines behind': [behind('\n'.repeat(2e6)), null],
    'empty lines of CRLF behind': [behind('\r\n'.repeat(1e6)), null],
    'short lines': ['tree\n' + 'a\n'.repeat(200_000), 'unsupported-version'],
    'a long line': [inHeader('a'.repeat(2e6)), null],
    'a line of signs': [inHeader('='.repeat(2e6)), null],
    'a long line behind': [behind('a'.repeat(2e6)), null],
    'many sizes': [inHeader('tree_sizes=' + '1 '.repeat(1e6)), 'truncated'],
    'many names': [modelText([stump(0.5, 2)], { feature_names: 'a '.repeat(1e6) }), 'wrong-count'],
    'a long name': [modelText([stump(0.5, 2)], { feature_names: 'a'.repeat(3e6) }), 'too-large'],
    'many labels': [behind(`pandas_categorical:[[${'"label", '.repeat(200_000)}1]]\n`), null],
  }
  for (const [name, [text, code]] of Object.entries(large)) {
    const bytes = new TextEncoder().encode(text)
    const { pause, steps } = watch(bytes)
    const cpu = process.cpuUsage()
    const loading = loadModel(await compileEngine(), bytes, pause)
    if (code === null) await loading
    else await t.rejects(loading, { name: 'ModelFormatError', code }, name)
    const { user, system } = process.cpuUsage(cpu)
    // Seconds to minutes when the rest of the file is looked through for every line.
    t.ok(user + system < 2e6, `${name}: ${(user + system) / 1000} ms`)
    if (code !== 'wrong-count' && code !== 'too-large') t.ok(steps() >= bytes.length / (1 << 18), `${name}: ${steps()} looks at the clock`)
  }
})

t.test('labels as Python writes them: NaN, infinities and whole numbers beyond 2^53', async (t) => {
  const labels = async (json: string) =>
    (await Booster.load(modelText([stump(0.5, 2)], {}, `\npandas_categorical:${json}\n`))).pandasCategorical
  t.strictSame(await labels('[[1.5, NaN, Infinity, -Infinity], ["NaN", "Infinity, \\"-Infinity\\" 12345678901234567890"]]'), [
    [1.5, NaN, Infinity, -Infinity],
    ['NaN', 'Infinity, "-Infinity" 12345678901234567890'],
  ])
  t.strictSame(await labels('[[9007199254740993, -9007199254740993, 9007199254740991, 0.12345678901234567, 1e+300]]'), [
    [9007199254740993n, -9007199254740993n, 9007199254740991, Number('0.12345678901234567'), 1e300],
  ])
  t.strictSame(await labels(' [ [ ] , [true, false, null, [1, NaN], "]"] ] '), [[], [true, false, null, [1, NaN], ']']])
  t.strictSame(await labels('[]'), [])
  const many = Array.from({ length: 20_000 }, (_, i) => (i % 3 ? `a,[${i}"\\` : i))
  t.strictSame(await labels(JSON.stringify([many, ['é🚀']])), [many, ['é🚀']])
  for (const wrong of [
    '',
    '[',
    ']',
    '[1]',
    '[[1]',
    '[[1]]]',
    '[[1],]',
    '[[1,]]',
    '[[,1]]',
    '[[nan]]',
    '[["a]]',
    '[[Infinit]]',
    '{}',
    '[[1] 2]',
    '[[1]] 2',
  ])
    await t.rejects(labels(wrong), { name: 'ModelFormatError', code: 'unexpected-line' }, wrong)
})

/** How far reading a file comes between two looks at the clock, and how many of them there are. */
function watch(bytes: Uint8Array) {
  let furthest = 0
  let before = 0
  let most = 0
  let steps = 0
  let behind = 0
  bytes.subarray = (start = 0, end = bytes.length) => {
    const part = Uint8Array.prototype.subarray.call(bytes, start, end)
    if (start + part.length > furthest) behind = 0
    furthest = Math.max(furthest, start + part.length)
    return part
  }
  const pause: Breather = {
    due() {
      most = Math.max(most, furthest - before)
      before = furthest
      steps++
      behind++
      return false
    },
    breathe: async () => {},
  }
  return { pause, mostBytes: () => most, steps: () => steps, stepsBehind: () => behind }
}
