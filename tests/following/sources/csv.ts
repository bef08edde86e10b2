import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createCsvSource } from '../../../src/following/sources/csv.js'
import { createMarket } from '../support/market.js'

const durMs = 60_000
const startMs = Date.UTC(2025, 0, 1)
const never = new AbortController().signal
const market = createMarket(durMs)
const header = 'timestamp,open,high,low,close,volume\n'
const line = (nth: number) => `${market.row(startMs + nth * durMs).join(',')}\n`

t.test('a file that grows; a half-written line waits', async (t) => {
  const path = join(t.testdir(), 'bars.csv')
  const source = createCsvSource(path)
  const times = async (sinceMs = startMs) =>
    [...((await source.page(sinceMs, never))?.openTimeMs ?? [])].map((ms) => (ms - startMs) / durMs)
  await t.rejects(times(), { reason: 'unreadable', message: /does not exist/ })
  writeFileSync(path, '')
  t.strictSame(await times(), [])
  appendFileSync(path, header.slice(0, 10))
  t.strictSame(await times(), [], 'half a header')
  appendFileSync(path, header.slice(10))
  t.strictSame(await times(), [], 'a header')
  appendFileSync(path, line(0) + line(1) + line(2).slice(0, -9))
  t.strictSame(await times(), [0, 1])
  appendFileSync(path, line(2).slice(-9))
  t.strictSame(await times(), [0, 1, 2])
  appendFileSync(path, line(3).trimEnd())
  t.strictSame(await times(), [0, 1, 2], 'the end of the line is what makes it whole')
  appendFileSync(path, '\r\n\n')
  t.strictSame(await times(), [0, 1, 2, 3])
})

t.test('the last line of an open time counts', async (t) => {
  const path = join(t.testdir(), 'bars.csv')
  const revised = market.row(startMs + durMs).with(5, 99)
  writeFileSync(path, header + line(0) + line(1) + line(2) + `${revised.join(',')}\n`)
  const bars = await createCsvSource(path).page(startMs, never)
  t.equal(bars?.nBars, 3)
  t.strictSame([...bars!.volume], [market.row(startMs)[5], market.row(startMs + 2 * durMs)[5], 99])
})

t.test('of a long file only the end is read, as far back as is wanted', async (t) => {
  const path = join(t.testdir(), 'bars.csv')
  writeFileSync(path, header + Array.from({ length: 20_000 }, (_, nth) => line(nth)).join(''))
  const source = createCsvSource(path)
  for (const back of [1, 100, 5_000, 19_999]) {
    const bars = await source.page(startMs + (19_999 - back) * durMs, never)
    t.ok(bars!.openTimeMs[0]! <= startMs + (19_999 - back) * durMs, `${back} back`)
    t.equal(bars!.openTimeMs.at(-1), startMs + 19_999 * durMs)
    if (back < 1_000) t.ok(bars!.nBars < 3_000, `${bars!.nBars} read`)
  }
  t.equal((await source.page(0, never))?.nBars, 20_000)
})

t.test('what is no candle is told', async (t) => {
  const path = join(t.testdir(), 'bars.csv')
  writeFileSync(path, header + line(0) + 'x,1,1,1,1,1\n')
  await t.rejects(createCsvSource(path).page(startMs, never), { reason: 'bad-candles', message: /line 3/ })
  writeFileSync(path, 'a,b\n1,2\n')
  await t.rejects(createCsvSource(path).page(startMs, never), { reason: 'bad-candles', message: /missing/ })
})
