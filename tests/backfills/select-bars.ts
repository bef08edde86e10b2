import fc from 'fast-check'
import t from 'tap'
import { cutoffMs, modes, rangeOf, selectBars, type Selection } from '../../src/backfills/select-bars.js'

const hourMs = 3_600_000
const at = (text: string) => Date.parse(`${text}Z`)
const series = (firstMs: number, nBars: number) => Float64Array.from({ length: nBars }, (_, bar) => firstMs + bar * hourMs)

/** Thursday, some minutes past two. */
const nowMs = at('2025-03-13T14:23:45')
const standing = { nowMs, barMs: hourMs }
const stored = series(at('2025-03-01T00:00:00'), 24 * 20)
const times = (selection: Selection, lastPredictedMs?: number) =>
  Array.from(selectBars(selection, { ...standing, lastPredictedMs }, stored), (ms) => new Date(ms).toISOString().slice(0, 16))

t.test('the newest closed bar is one whole bar behind the clock', (t) => {
  t.equal(cutoffMs(standing), at('2025-03-13T13:00:00'))
  t.equal(
    cutoffMs({ nowMs: at('2025-03-13T14:00:00'), barMs: hourMs }),
    at('2025-03-13T13:00:00'),
    'a bar is closed the moment the next opens',
  )
  t.equal(cutoffMs({ nowMs, barMs: 4 * hourMs }), at('2025-03-13T08:00:00'))
  t.end()
})

t.test('a window', (t) => {
  const whole = times({ mode: 'window' })
  t.equal(whole.length, 48, '48 hours are 48 bars')
  t.strictSame([whole[0], whole.at(-1)], ['2025-03-11T14:00', '2025-03-13T13:00'])
  const toEnd = times({ mode: 'window', toMs: at('2025-03-10T05:00:00') })
  t.strictSame([toEnd.length, toEnd[0], toEnd.at(-1)], [48, '2025-03-08T06:00', '2025-03-10T05:00'])
  const fromStart = times({ mode: 'window', fromMs: at('2025-03-13T10:00:00') })
  t.strictSame(fromStart, ['2025-03-13T10:00', '2025-03-13T11:00', '2025-03-13T12:00', '2025-03-13T13:00'])
  t.strictSame(times({ mode: 'window', fromMs: at('2025-03-05T01:30:00'), toMs: at('2025-03-05T03:30:00') }), [
    '2025-03-05T02:00',
    '2025-03-05T03:00',
  ])
  t.strictSame(times({ mode: 'window', fromMs: at('2025-03-13T12:00:00'), toMs: at('2025-03-20T00:00:00') }).length, 2, 'closed bars only')
  t.strictSame(times({ mode: 'window', fromMs: at('2025-03-14T00:00:00') }), [])
  t.end()
})

t.test('after the newest prediction', (t) => {
  t.strictSame(times({ mode: 'last_from_predictions' }, at('2025-03-13T11:00:00')), ['2025-03-13T12:00', '2025-03-13T13:00'])
  t.strictSame(times({ mode: 'last_from_predictions', toMs: at('2025-03-13T12:00:00') }, at('2025-03-13T11:00:00')), ['2025-03-13T12:00'])
  t.strictSame(times({ mode: 'last_from_predictions' }, at('2025-03-13T13:00:00')), [], 'nothing is left to do')
  t.equal(times({ mode: 'last_from_predictions' }).length, 48, 'nothing was predicted')
  t.end()
})

t.test('a list', (t) => {
  const timestampsMs = [
    '2025-03-13T14:00:00',
    '2025-03-02T03:00:00',
    '2025-03-02T03:00:00',
    '2025-03-02T02:00:00',
    '2020-01-01T00:00:00',
    '2025-03-02T02:30:00',
  ].map(at)
  t.strictSame(times({ mode: 'ts_list', timestampsMs }), ['2025-03-02T02:00', '2025-03-02T03:00'])
  t.strictSame(times({ mode: 'ts_list', timestampsMs: [] }), [])
  const fine = { mode: 'ts_list', timestampsMs: [at('2025-03-02T02:00:00') + 0.001, at('2025-03-02T04:00:00')] } as const
  t.strictSame(times(fine), ['2025-03-02T04:00'])
  t.equal(rangeOf(fine, standing).fromMs, at('2025-03-02T04:00:00'), 'a time between two milliseconds is no open time')
  t.end()
})

t.test('whatever is asked: closed bars that are there, in order, once, at most so many, those of the plain rule', (t) => {
  const ms = fc.integer({ min: -30, max: 60 }).map((hours) => at('2025-03-12T00:00:00') + hours * hourMs)
  const selection = fc.record<Selection>({
    mode: fc.constantFrom(...modes),
    fromMs: fc.option(ms, { nil: undefined }),
    toMs: fc.option(ms, { nil: undefined }),
    timestampsMs: fc.array(ms, { maxLength: 20 }),
    atMost: fc.option(fc.integer({ min: -2, max: 30 }), { nil: undefined }),
  })
  const holes = fc.array(fc.boolean(), { minLength: 480, maxLength: 480 })
  const property = fc.property(selection, holes, fc.option(ms, { nil: undefined }), (asked, kept, lastPredictedMs) => {
    const openTimes = stored.filter((_, bar) => kept[bar])
    const selected = Array.from(selectBars(asked, { ...standing, lastPredictedMs }, openTimes))
    const plain = openTimes.filter((time) => isAsked(asked, time, lastPredictedMs))
    const { atMost = 0 } = asked
    const expected = Array.from(atMost > 0 ? plain.slice(0, atMost) : plain)
    const { fromMs, toMs } = rangeOf(asked, { ...standing, lastPredictedMs })
    return JSON.stringify(selected) === JSON.stringify(expected) && selected.every((time) => time >= fromMs && time <= toMs)
  })
  fc.assert(property, { numRuns: 500 })
  t.end()
})

/** The rules bar by bar, as a person would read them. */
function isAsked({ mode, fromMs, toMs, timestampsMs = [] }: Selection, time: number, lastPredictedMs: number | undefined): boolean {
  const cutoff = at('2025-03-13T13:00:00')
  if (time > cutoff) return false
  if (mode === 'ts_list') return timestampsMs.includes(time)
  const end = toMs === undefined || toMs > cutoff ? cutoff : toMs
  if (time > end) return false
  const start = mode === 'window' ? fromMs : lastPredictedMs === undefined ? undefined : lastPredictedMs + hourMs
  return start === undefined ? end - time < 48 * hourMs : time >= start
}
