import t from 'tap'
import { Booster } from '../src/booster.js'
import { goldenNames, readGolden } from './support/golden.js'
import { difference, worstUlps } from './support/same-bits.js'

for (const name of goldenNames) {
  t.test(`golden ${name}`, async (t) => {
    const golden = readGolden(name)
    const booster = await Booster.load(golden.bytes)
    t.strictSame(booster.featureName(), golden.featureNames)
    t.strictSame(booster.feature_name(), golden.featureNames)
    t.equal(booster.numFeature(), golden.cols)
    t.equal(booster.numTrees(), golden.trees)
    t.equal(booster.currentIteration(), golden.iterations)
    t.equal(booster.numModelPerIteration(), golden.treesPerIteration)
    t.equal(difference(booster.featureImportance('split'), golden.splits), '', 'splits')
    t.equal(difference(booster.featureImportance('gain'), golden.gains), '', 'gains')

    const rows = golden.doubles('rows.f64')
    t.equal(difference(booster.predict(rows, { predLeaf: true }), golden.integers('leaf.i32')), '', 'leaves')
    for (const array of golden.arrays.filter((each) => each.startsWith('raw'))) {
      const [, startIteration, numIteration] = array.replace('.f64', '').split('_').map(Number)
      const found = booster.predict(
        rows,
        startIteration === undefined ? { rawScore: true } : { rawScore: true, startIteration, numIteration: numIteration ?? -1 },
      )
      t.equal(difference(found, golden.doubles(array)), '', array)
    }
    if (golden.arrays.includes('contrib.f64')) {
      t.equal(difference(booster.predict(rows, { predContrib: true }), golden.doubles('contrib.f64')), '', 'contributions')
    } else {
      t.throws(() => booster.predict(rows, { predContrib: true }), { message: /linear trees/ })
    }
    // LightGBM's own outputs depend on the C library's exp: these are Linux's, and the port has them to the bit.
    t.equal(worstUlps(booster.predict(rows), golden.doubles('pred.f64')), 0, 'predictions')

    const single = new Float64Array(golden.doubles('raw.f64').length)
    const outputs = golden.treesPerIteration
    for (let row = 0; row < golden.rows; row++) {
      const out = single.subarray(row * outputs, (row + 1) * outputs)
      booster.predict(rows.subarray(row * golden.cols, (row + 1) * golden.cols), { rawScore: true, out })
    }
    t.equal(difference(single, golden.doubles('raw.f64')), '', 'row by row')
    booster.dispose()
  })
}
