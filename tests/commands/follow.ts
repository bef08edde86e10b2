import { writeFileSync } from 'node:fs'
import t from 'tap'
import { endingAt, readBtcusdt, toCsvText, toRows } from '../support/btcusdt.js'
import { startKlineServer } from '../support/kline-server.js'
import { startProcess } from '../support/server-process.js'
import { barcast } from './support/run-barcast.js'

const hourMs = 3_600_000
const lastMs = Date.UTC(2025, 8, 29, 22)
const bars = endingAt(readBtcusdt(), lastMs, 740)

function followFile(source: object, more: object = {}): string {
  const series = [{ symbol: 'BTCUSDT', timeframe: '1h', models: ['btcusdt-up-24h'], source, retry: { first_ms: 20, most_ms: 50 }, ...more }]
  // A clock that hardly moves: the newest bar has just closed.
  return JSON.stringify({ series, rehearsal: { from: new Date(lastMs + 1.5 * hourMs).toISOString(), speed: 0.001 } })
}

t.test('--once, in this process: candles stored, the newest bars predicted; a second time nothing is new', async (t) => {
  const { run, at } = barcast(t)
  writeFileSync(at('bars.csv'), toCsvText(bars))
  writeFileSync(at('follow.json'), followFile({ kind: 'csv', path: 'bars.csv' }, { start_bars: 3, lookback_bars: 740 }))
  const first = await run(['follow', at('follow.json'), '--once'])
  t.match(first, { code: 0, stdout: /^BTCUSDT 1h: up to 2025-09-29T22:00:00.000Z: 740 bars added, 3 predictions\n$/, stderr: '' })
  t.match(await run(['follow', '--once'], { env: { BARCAST_FOLLOW: at('follow.json') } }), { code: 0, stdout: '', stderr: '' })
  const listed = await run(['export', 'predictions', at('out.csv'), '--format', 'csv'])
  t.equal(listed.code === 0 || listed.code === 2, true)
})

t.test('--once that does not come about', async (t) => {
  const { run, at } = barcast(t)
  const server = await startKlineServer(() => toRows(bars).slice(0, -1), t)
  writeFileSync(at('follow.json'), followFile({ kind: 'http', url: server.url }))
  server.fail('broken')
  const { code, stderr } = await run(['follow', at('follow.json'), '--once'])
  t.equal(code, 3)
  t.match(stderr, /answered 500 \[status\], again in 0\.0 s/)
  t.match(stderr, /not complete up to 2025-09-29T22:00:00\.000Z: 1 bars are missing/)
})

t.test('what cannot be used', async (t) => {
  const { run, at } = barcast(t)
  t.match(await run(['follow']), { code: 2, stderr: /FILE is missing/ })
  t.match(await run(['follow', at('absent.json')]), { code: 2, stderr: /does not exist/ })
  t.match(await run(['follow', 'a', 'b']), { code: 2, stderr: /"b" is not understood: follow takes FILE/ })
  writeFileSync(at('follow.json'), '{"series": 1}')
  t.match(await run(['follow', at('follow.json')]), { code: 2, stderr: /\/series: a list is expected/ })
})

t.test('beside a server, over HTTP, until it is stopped', async (t) => {
  const { run, at, database } = barcast(t)
  const server = startProcess({ BARCAST_DATABASE: database })
  const url = await server.url
  t.teardown(() => server.child.kill('SIGKILL'))
  const kline = await startKlineServer(
    (since, limit) =>
      toRows(bars)
        .filter(([ms]) => ms! >= since)
        .slice(0, limit),
    t,
  )
  writeFileSync(at('follow.json'), followFile({ kind: 'http', url: kline.url, limit: 300 }, { start_bars: 2 }))
  const stopping = new AbortController()
  const running = run(['follow', at('follow.json'), '--url', url], { signal: stopping.signal })
  const list = async () => {
    const answer = (await (await fetch(`${url}/predictions`)).json()) as { predictions: { bar_time: string; origin: string }[] }
    return answer.predictions
  }
  for (let tries = 0; (await list()).length < 2 && tries < 600; tries++) await new Promise((resolve) => setTimeout(resolve, 50))
  const started = Date.now()
  stopping.abort()
  t.match(await running, { code: 0, stdout: /727 bars added, 2 predictions/ })
  t.ok(Date.now() - started < 1_000)
  t.match(await list(), [
    { bar_time: '2025-09-29T22:00:00.000Z', origin: 'late' },
    { bar_time: '2025-09-29T21:00:00.000Z', origin: 'catch-up' },
  ])
})
