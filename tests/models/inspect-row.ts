import { readFileSync } from 'node:fs'
import { Booster } from 'lightgbm-wasm'
import t from 'tap'
import { createInspector } from '../../src/models/inspect-row.js'

/**
 * Three trees of LightGBM 4.7.0: `a` never was NaN in training, `b` was, `c` is a category, no tree splits on `d` and `e`.
 * feature_infos: a [0.01:10], b [-3.33:2.57], c -1:3:4:5:2:1, d [-2.85:3.19], e none.
 */
const model = readFileSync(new URL('../fixtures/categorical-and-missing.txt', import.meta.url))

t.test('what is unusual about a row', async (t) => {
  const booster = await Booster.load(model)
  t.teardown(() => booster.dispose())
  const inspect = createInspector(booster)
  const seen = (a: number, b: number, c: number, d = 0, e = 3) => inspect(Float64Array.of(a, b, c, d, e))
  const nothing = { nan: [], outsideTrainingRange: [] }

  t.same(seen(5, 0, 3), nothing)
  t.same(seen(0.01, -3.33, 1), nothing, 'the bounds belong to the range')
  t.same(seen(10, 2.57, 5), nothing)
  t.same(seen(5, NaN, NaN), nothing, 'NaN is known where training had it, and of categories')
  t.same(seen(NaN, 0, 3), { nan: ['a'], outsideTrainingRange: [] }, 'NaN is never outside')
  t.same(seen(10.000000000000002, 0, 3), { nan: [], outsideTrainingRange: ['a'] })
  t.same(seen(0, 2.58, 3), { nan: [], outsideTrainingRange: ['a', 'b'] }, "in the booster's order")
  t.same(seen(-Infinity, Infinity, 3), { nan: [], outsideTrainingRange: ['a', 'b'] })
  t.same(seen(5, 0, 6), { nan: [], outsideTrainingRange: ['c'] })
  t.same(seen(5, 0, 3.9), nothing, 'a category is a whole number, fractions are cut off')
  t.same(seen(5, 0, Infinity), { nan: [], outsideTrainingRange: ['c'] })
  t.same(seen(5, 0, 3, NaN, NaN), nothing, 'no tree splits on d and e')
  t.same(seen(5, 0, 3, 100, 100), nothing)
})
