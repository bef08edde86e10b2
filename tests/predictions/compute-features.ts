import t from 'tap'
import type { Frame } from '../../src/candles/frame.js'
import type { Catalogue } from '../../src/features/catalogue.js'
import type { ServedModel } from '../../src/models/model.js'
import { createComputeFeatures } from '../../src/predictions/compute-features.js'

/** A catalogue whose features are numbers: `f7` is 7 times the last close, plus the window's bars. It tells what it was asked to do. */
function openCatalogue(name: string) {
  const compiled: string[] = []
  let computed = 0
  const catalogue: Catalogue = {
    name,
    version: 1,
    timeframes: ['1h'],
    names: [],
    unreproducible: new Map(),
    barsPerTimeframe: () => ({}),
    compile(names, { baseBars, bufferBars }) {
      compiled.push(`${baseBars}+${bufferBars}: ${names.join(' ')}`)
      const windowBars = baseBars + bufferBars
      return {
        names,
        windowBars,
        compute(frame, lastBar, out, offset = 0) {
          computed++
          names.forEach((name, k) => (out[offset + k] = Number(name.slice(1)) * (frame.close[lastBar] as number) + windowBars))
        },
      }
    },
  }
  return { catalogue, compiled, computed: () => computed }
}

function model(name: string, featureNames: string[], window = { baseBars: 10, bufferBars: 1 }, catalogue = 'a'): ServedModel {
  return { name, sha256: name, featureNames, manifest: { features: { catalogue, ...window } } } as unknown as ServedModel
}

/** The frame's last bar. */
const last = Int32Array.of(1)
const frame = { nBars: 2, close: Float64Array.of(1, 100) } as unknown as Frame

t.test('models of one window share the work; each gets its own order', (t) => {
  const { catalogue, compiled, computed } = openCatalogue('a')
  const compute = createComputeFeatures([catalogue])
  const models = [model('x', ['f1', 'f2']), model('y', ['f3', 'f2', 'f1', 'f2']), model('z', ['f9'], { baseBars: 20, bufferBars: 0 })]
  t.same(compute(models, frame, last), [Float64Array.of(111, 211), Float64Array.of(311, 211, 111, 211), Float64Array.of(920)])
  t.same(compiled, ['10+1: f1 f2 f3', '20+0: f9'])
  t.equal(computed(), 2)
  const rows = compute(models, frame, last)
  t.equal(compiled.length, 2, 'compiled once')
  compute(models, { ...frame, close: Float64Array.of(1, 1) }, last)
  t.same(rows[0], Float64Array.of(111, 211), 'rows stay what they were')
  t.end()
})

t.test('models of two catalogues', (t) => {
  const [a, b] = [openCatalogue('a'), openCatalogue('b')]
  const compute = createComputeFeatures([a.catalogue, b.catalogue])
  compute([model('x', ['f1']), model('y', ['f1'], { baseBars: 10, bufferBars: 1 }, 'b')], frame, last)
  t.same([a.compiled, b.compiled], [['10+1: f1'], ['10+1: f1']])
  t.throws(() => compute([model('z', ['f1'], { baseBars: 1, bufferBars: 0 }, 'c')], frame, last), {
    message: /its catalogue c is not there/,
  })
  t.end()
})

t.test('a changed manifest of the same file is another program', (t) => {
  const [a, b] = [openCatalogue('a'), openCatalogue('b')]
  const compute = createComputeFeatures([a.catalogue, b.catalogue])
  const rowOf = (names: string[], window = { baseBars: 10, bufferBars: 1 }, catalogue = 'a') =>
    compute([model('x', names, window, catalogue)], frame, last)
  t.same(rowOf(['f1', 'f2']), [Float64Array.of(111, 211)])
  t.same(rowOf(['f1', 'f2'], { baseBars: 20, bufferBars: 1 }), [Float64Array.of(121, 221)], 'base_bars')
  t.same(rowOf(['f1', 'f2'], { baseBars: 10, bufferBars: 3 }), [Float64Array.of(113, 213)], 'buffer_bars')
  t.same(rowOf(['f2', 'f1']), [Float64Array.of(211, 111)], 'the order of feature_names')
  t.same(rowOf(['f2', 'f1', 'f3']), [Float64Array.of(211, 111, 311)], 'their number')
  t.equal(b.computed(), 0)
  rowOf(['f1', 'f2'], undefined, 'b')
  t.equal(b.computed(), 1, 'the catalogue')
  t.same(rowOf(['f1', 'f2']), [Float64Array.of(111, 211)])
  t.equal(a.compiled.length, 5, 'the first one again is compiled already')
  t.end()
})

t.test('programs are kept, but not without end', (t) => {
  const { catalogue, compiled } = openCatalogue('a')
  const compute = createComputeFeatures([catalogue])
  const models = Array.from({ length: 100 }, (_, k) => model(`m${k}`, [`f${k}`]))
  compute([models[0]!], frame, last)
  for (const one of models) {
    compute([one], frame, last)
    compute([models[0]!], frame, last)
  }
  t.equal(compiled.length, 100, 'one that is in use stays')
  compute([models[1]!], frame, last)
  t.equal(compiled.length, 101, 'one that was not used for long is compiled again')
  t.end()
})
