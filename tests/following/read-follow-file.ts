import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { BadFollowFile, readFollowFile } from '../../src/following/read-follow-file.js'

function read(t: Test, content: unknown, secrets: Record<string, string> = {}) {
  const path = join(t.testdir(), 'follow.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return readFollowFile(path, secrets)
}

function problems(t: Test, content: unknown, secrets: Record<string, string> = {}): string[] {
  try {
    read(t, content, secrets)
  } catch (error) {
    if (!(error instanceof BadFollowFile)) throw error
    return error.message.split('\n').slice(1)
  }
  return []
}

const http = { kind: 'http', url: 'http://localhost/k?s={symbol}&i={interval}&f={since}&l={limit}' }
const one = { symbol: 'BTCUSDT', timeframe: '1h', source: http }

t.test('defaults', (t) => {
  const [series] = read(t, { series: [{ ...one, timeframe: '1H' }] }).series
  t.match(series, {
    timeframe: '1h',
    models: undefined,
    delay_ms: 2_000,
    overlap_bars: 5,
    start_bars: 1,
    catch_up: 'last_from_predictions',
    retry: { first_ms: 1_000, most_ms: 60_000 },
    source: { kind: 'http', limit: 1_000, timeout_ms: 10_000, headers: {}, at: '', time_unit: 'ms' },
  })
  const [csv] = read(t, { series: [{ ...one, source: { kind: 'csv', path: 'bars.csv' } }] }).series
  t.match(csv, { source: { path: join(t.testdirName, 'bars.csv') } }, 'beside the file')
  t.end()
})

t.test('every problem at once, each where it is', (t) => {
  const bad = {
    series: [
      { symbol: 'BTC USDT', timeframe: '2h', source: { kind: 'http', url: 'ftp://x/{sincee}' } },
      { ...one, delay_ms: 3_600_000, catch_up: 'all', colour: 1 },
      { ...one, models: [], retry: { first_ms: 10, most_ms: 5 }, source: { kind: 'duckdb', path: 'x', table: 'a"b' } },
      { ...one, source: { kind: 'csv' } },
      { ...one, source: { kind: 'ftp' } },
      { ...one, source: { ...http, url: 'http://me:secret@host/' } },
      { ...one, source: { ...http, headers: { 'a b': 'x' }, columns: ['timestamp', 'open', 'high', 'low', 'close', 'closed'] } },
    ],
    serie: 1,
  }
  const found = problems(t, bad).join('\n')
  for (const expected of [
    /there is no such key: "serie"/,
    /\/series\/0\/symbol: up to 64 characters/,
    /\/series\/0\/timeframe: one of 1m, /,
    /\/series\/0\/source\/url: there is no placeholder \{sincee\}/,
    /\/series\/0\/source\/url: a URL that begins with http/,
    /\/series\/1\/catch_up: one of last_from_predictions, last_bar/,
    /\/series\/1: there is no such key: "colour"/,
    /\/series\/2\/models: is empty/,
    /\/series\/2\/source\/table: the name of a table/,
    /\/series\/3\/source\/path: is missing/,
    /\/series\/4\/source\/kind: /,
    /\/series\/5\/source\/url: credentials/,
    /\/series\/6\/source\/headers\/a b: is no name of a header/,
    /\/series\/6\/source\/columns: each of/,
  ]) {
    t.match(found, expected)
  }
  t.notMatch(found, /secret@/)
  t.match(problems(t, { series: [{ ...one, delay_ms: 3_600_000 }] }), [/\/series\/0\/delay_ms: less than the 1h/])
  t.match(problems(t, { series: [{ ...one, retry: { first_ms: 10, most_ms: 5 } }] }), [/\/series\/0\/retry\/most_ms: at least first_ms/])
  t.match(problems(t, { series: [one, one] }), [/\/series\/1: BTCUSDT 1h is followed already, by \/series\/0/])
  t.match(problems(t, { series: [one], rehearsal: { from: 'x', speed: 0 } }), [/\/rehearsal\/from: "x" is no time/, /\/rehearsal\/speed: /])
  t.match(problems(t, { series: [] }), [/\/series: is empty/])
  t.match(problems(t, []), [/an object is expected/])
  t.end()
})

t.test('what is no JSON, or no file', (t) => {
  t.match(problems(t, '{"series": [\n  {"symbol": "BTC", "key": hush}]}'), [/not JSON: line 2, column 28$/])
  t.match(problems(t, '{"series": [], "series": []}'), [/\/series: this name is given twice/])
  t.throws(() => readFollowFile(join(t.testdirName, 'absent.json'), {}), /does not exist/)
  t.throws(() => readFollowFile(t.testdirName, {}), /cannot be read \(EISDIR\)/)
  t.end()
})

t.test('secrets come from variables of one prefix', (t) => {
  const source = { ...http, url: `${http.url}&k=\${BARCAST_SECRET_KEY}`, headers: { a: 'Bearer ${BARCAST_SECRET_TOKEN}' } }
  const secrets = { BARCAST_SECRET_KEY: 'x', BARCAST_SECRET_TOKEN: 'y' }
  t.strictSame(problems(t, { series: [{ ...one, source }] }, secrets), [])
  t.match(problems(t, { series: [{ ...one, source }] }), [
    /\/series\/0\/source\/url: the environment variable BARCAST_SECRET_KEY is not set/,
    /\/series\/0\/source\/headers\/a: the environment variable BARCAST_SECRET_TOKEN is not set/,
  ])
  const other = { ...http, headers: { a: '${HOME}' } }
  t.match(problems(t, { series: [{ ...one, source: other }] }, secrets), [/\/series\/0\/source\/headers\/a: \{HOME\} may not be used/])
  const told = problems(t, { series: [{ ...one, source }] }, { ...secrets, BARCAST_SECRET_TOKEN: 'two\nlines' })
  t.match(told, [/holds characters that a header cannot/])
  t.notMatch(told.join(), /two/)
  t.end()
})
