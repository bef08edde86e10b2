import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startKlineServer } from '../support/kline-server.js'
import { endingAt, readBtcusdt, toRows } from '../support/btcusdt.js'
import { startProcess, untilReady } from '../support/server-process.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const hourMs = 3_600_000
const lastMs = Date.UTC(2025, 8, 29, 22)
const rows = toRows(endingAt(readBtcusdt(), lastMs, 760))

interface ReadyAnswer {
  readonly status: string
  readonly following?: { readonly series: readonly { state: string; newest_bar: string; missing_bars: number; last_error: unknown }[] }
}

t.test('BARCAST_FOLLOW: the server follows, shows it, and closes at once', async (t) => {
  const kline = await startKlineServer((since, limit) => rows.filter(([ms]) => ms! >= since).slice(0, limit), t)
  const folder = temporaryFolder(t)
  const follow = join(folder, 'follow.json')
  const source = {
    kind: 'http',
    url: `${kline.url}&key=\${BARCAST_SECRET_KEY}`,
    headers: { authorization: '${BARCAST_SECRET_KEY}' },
    timeout_ms: 60_000,
  }
  const rehearsal = { from: new Date(lastMs - 8.5 * hourMs).toISOString(), speed: 20 * 3_600 }
  const series = [
    {
      symbol: 'BTCUSDT',
      timeframe: '1h',
      models: ['btcusdt-up-24h', 'absent'],
      source,
      unready_after_bars: 50,
      retry: { first_ms: 50, most_ms: 100 },
    },
  ]
  writeFileSync(follow, JSON.stringify({ series, rehearsal }))
  const env = { BARCAST_FOLLOW: follow, BARCAST_SECRET_KEY: 'hush-hush', BARCAST_DATABASE: join(folder, 'x.duckdb') }
  kline.fail('broken')
  const server = startProcess(env)
  const url = await server.url
  const readyz = async () => (await (await fetch(`${url}/readyz`)).json()) as ReadyAnswer
  const list = async () => {
    const answer = (await (await fetch(`${url}/predictions?limit=100`)).json()) as { predictions: { bar_time: string; origin: string }[] }
    return answer.predictions.map(({ bar_time, origin }) => ({ barTimeMs: Date.parse(bar_time), origin }))
  }
  for (let tries = 0; (await list())[0]?.barTimeMs !== lastMs && tries < 600; tries++) await new Promise((r) => setTimeout(r, 50))

  const answer = await readyz()
  t.equal(answer.following?.series.length, 1)
  t.match(answer.following?.series[0], {
    symbol: 'BTCUSDT',
    timeframe: '1h',
    source: `http 127.0.0.1:${kline.port}`,
    newest_bar: new Date(lastMs).toISOString(),
    last_error: { reason: 'status', detail: /answered 500/ },
  })
  const predictions = await list()
  const times = predictions.map(({ barTimeMs }) => barTimeMs)
  t.equal(times[0], lastMs)
  t.equal(times.length, (times[0]! - times.at(-1)!) / hourMs + 1, 'no bar is left out')
  t.notMatch(
    predictions.map(({ origin }) => origin),
    ['live'],
    'a rehearsal never passes for live',
  )
  const metrics = await (await fetch(`${url}/metrics`)).text()
  t.match(metrics, /follow_bars_total\{series="BTCUSDT 1h",result="added"\} \d{3}/)
  t.match(metrics, /follow_errors_total\{series="BTCUSDT 1h",reason="status"\} 1/)
  t.match(metrics, /follow_lag_seconds\{series="BTCUSDT 1h"\} /)
  t.equal(kline.requests[0]!.headers.authorization, 'hush-hush')

  // The market ends here, so bars are missing more and more.
  for (let tries = 0; (await readyz()).status === 'ready' && tries < 200; tries++) await new Promise((r) => setTimeout(r, 50))
  t.match(await readyz(), { status: 'not ready' }, 'as the file wants it')
  kline.fail('slow', 'slow', 'slow')
  await new Promise((r) => setTimeout(r, 200))
  const started = Date.now()
  server.child.kill('SIGTERM')
  const { code, stdout } = await server.ended
  t.equal(code, 0)
  t.ok(Date.now() - started < 5_000, 'soon')
  t.match(stdout, /"msg":"not followed: 127\.0\.0\.1:\d+ answered 500"/)
  t.match(stdout, /"model":"absent","msg":"model does not follow: there is no such model"/)
  t.notMatch(stdout, /hush-hush/)
})

t.test('without BARCAST_FOLLOW nothing is said of it; a file that cannot be used ends the start', async (t) => {
  const folder = temporaryFolder(t)
  const follow = join(folder, 'follow.json')
  writeFileSync(follow, '{"series": [{"symbol": "X", "timeframe": "1x", "source": {"kind": "csv"}}]}')
  const { code, stderr } = await startProcess({ BARCAST_FOLLOW: follow }).ended
  t.equal(code, 2)
  t.match(stderr, /follow\.json cannot be used:\n {2}\/series\/0\/timeframe: one of 1m.*\n {2}\/series\/0\/source\/path: is missing/)
  const quiet = startProcess({})
  const url = await quiet.url
  await untilReady(url)
  t.notMatch(await (await fetch(`${url}/readyz`)).json(), { following: {} })
  quiet.child.kill('SIGTERM')
  await quiet.ended
})
