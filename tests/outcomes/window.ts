import fc from 'fast-check'
import t from 'tap'
import { parseWindow, windowEnds } from '../../src/outcomes/window.js'

t.test('what names a window', (t) => {
  t.same(parseWindow('500'), { rows: 500 })
  t.same(parseWindow('36h'), { ms: 36 * 3_600_000 })
  t.same(parseWindow('30d'), { ms: 30 * 86_400_000 })
  t.same(parseWindow('2w'), { ms: 14 * 86_400_000 })
  for (const text of ['', '0', '0d', '-1', '1.5', '10m', '1e3', ' 5', '5 ', 'd', '1234567']) t.equal(parseWindow(text), undefined, text)
  t.end()
})

t.test('windows are full, rise, end with the newest row and are not too many', (t) => {
  const gaps = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 0, maxLength: 400 })
  const windows = fc.oneof(fc.record({ rows: fc.integer({ min: 1, max: 50 }) }), fc.record({ ms: fc.integer({ min: 1, max: 60 }) }))
  fc.assert(
    fc.property(gaps, windows, (steps, window) => {
      let time = 0
      const times = Float64Array.from(steps, (step) => (time += step))
      const found = windowEnds(times, window)
      const isRight = ({ first, end }: { first: number; end: number }) =>
        'rows' in window
          ? end - first === window.rows && first >= 0
          : times.slice(first, end).every((each) => each > times[end - 1]! - window.ms) &&
            !(times[first - 1]! > times[end - 1]! - window.ms)
      const isRising = found.every(({ end }, k) => k === 0 || end > found[k - 1]!.end)
      return found.length <= 200 && found.every(isRight) && isRising && (found.length === 0 || found.at(-1)!.end === times.length)
    }),
  )
  t.same(windowEnds(Float64Array.of(1, 2, 3), { rows: 2 }), [
    { first: 0, end: 2 },
    { first: 1, end: 3 },
  ])
  t.same(windowEnds(Float64Array.of(1, 2), { rows: 3 }), [], 'none is full')
  t.equal(
    windowEnds(
      Float64Array.from({ length: 10_000 }, (_, k) => k),
      { rows: 10 },
    ).length,
    200,
  )
  t.end()
})
