import t from 'tap'
import { Booster } from '../src/booster.js'
import { readGolden } from './support/golden.js'
import { difference } from './support/same-bits.js'

t.test('loading lets the event loop run, and boosters load side by side', async (t) => {
  const golden = readGolden('deep')
  // The same trees again and again: a file of some 20 MB.
  const [head = '', ...blocks] = golden.model.replace(/^tree_sizes=.*\n/m, '').split(/^(?=Tree=)/m)
  const [last = '', tail = ''] = (blocks.pop() ?? '').split(/^(?=end of trees)/m)
  const trees = [...blocks, last]
  const copies = Math.ceil(20e6 / trees.join('').length)
  const model = new TextEncoder().encode(head + trees.join('').repeat(copies) + tail)
  let turns = 0
  let loading = true
  const turn = (): void => {
    turns++
    if (loading) setImmediate(turn)
  }
  setImmediate(turn)
  const [large, small] = await Promise.all([Booster.load(model), Booster.load(golden.bytes)])
  loading = false
  t.ok(turns >= 10, `${turns} turns of the event loop`)
  t.equal(large.numTrees(), golden.trees * copies)
  const rows = golden.doubles('rows.f64')
  t.equal(difference(small.predict(rows, { rawScore: true }), golden.doubles('raw.f64')), '')
  t.equal(difference(large.predict(rows, { rawScore: true, numIteration: golden.trees }), golden.doubles('raw.f64')), '')
  t.equal(difference(large.predict(rows, { rawScore: true, startIteration: golden.trees * (copies - 1) }), golden.doubles('raw.f64')), '')
})

t.test('a window may end anywhere in a file', async (t) => {
  // The window is 64 KiB: a header that grows byte by byte moves every later window border over the trees.
  const golden = readGolden('categorical')
  const rows = golden.doubles('rows.f64')
  for (let extra = 0; extra < 60; extra++) {
    const padded = golden.model.replace('Tree=1\n', `Tree=1${'1'.repeat(extra)}\n`)
    const booster = await Booster.load(padded)
    t.equal(difference(booster.predict(rows, { rawScore: true }), golden.doubles('raw.f64')), '')
  }
})
