import t from 'tap'
import { retryAfterMs } from '../../../src/following/sources/retry-after.js'

t.test('seconds or a date, at most a day', (t) => {
  const nowMs = Date.UTC(2025, 0, 1)
  for (const [header, ms] of [
    ['3', 3_000],
    [' 0 ', 0],
    ['Wed, 01 Jan 2025 00:00:30 GMT', 30_000],
    ['Tue, 31 Dec 2024 00:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['-1', undefined],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ] as const) {
    t.equal(retryAfterMs(header, nowMs), ms, String(header))
  }
  t.end()
})
