/**
 * A market to practise on: a local server that answers with klines as exchanges do, out of a file of hourly candles, as if they happened now.
 *
 *   node examples/practice-market.mjs FILE.csv[.gz] --from TIME [--bars-per-second 5] [--port 9797] [--follow follow.json]
 *
 * Its clock shows --from at the first request. As real markets do, it shows the bar that has not closed yet, with the values it has so far; it
 * is out of order for a while (bars 20 to 26: status 503); and it changes its mind about a bar that was asked for before
 * (when bar 33 begins).
 * With --follow it writes a file for `barcast follow` that names it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'

const hourMs = 3_600_000
const outage = { from: 20, to: 26 }
const revisedWhen = 33
const models = [
  'btcusdt-logret-168h',
  'btcusdt-logret-168h-q05',
  'btcusdt-logret-168h-q50',
  'btcusdt-logret-168h-q95',
  'btcusdt-move-24h',
  'btcusdt-up-24h',
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: 'string' },
    'bars-per-second': { type: 'string', default: '5' },
    port: { type: 'string', default: '9797' },
    follow: { type: 'string' },
  },
})
const fromMs = Date.parse(values.from ?? '')
const speed = Number(values['bars-per-second']) * 3_600
if (positionals.length !== 1 || Number.isNaN(fromMs) || !(speed > 0)) throw new Error('how it is used stands at the top of this file')

const bars = readBars(positionals[0])
/** The first bar that closes while the market is open is number 1. */
const firstMs = Math.floor(fromMs / hourMs) * hourMs
let startedMs
let revisedMs
let said = 0

const server = createServer((request, response) => {
  startedMs ??= performance.now()
  const nowMs = fromMs + (performance.now() - startedMs) * speed
  const number = Math.floor((nowMs - firstMs) / hourMs)
  if (number >= outage.from && number < outage.to) {
    tell(number)
    return void response.writeHead(503).end()
  }
  const query = new URL(request.url, 'http://localhost').searchParams
  const sinceMs = Number(query.get('startTime') ?? 0)
  const limit = Number(query.get('limit') ?? 500)
  // Who asks from here on has had this bar.
  if (number >= revisedWhen) revisedMs ??= sinceMs + 2 * hourMs
  const rows = bars.filter(([ms]) => ms >= sinceMs && ms <= nowMs).slice(0, limit)
  tell(number)
  const answer = rows.map((row) => seenAt(row, nowMs))
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
})

server.listen(Number(values.port), '127.0.0.1', () => {
  const { port } = server.address()
  if (values.follow !== undefined) writeFileSync(values.follow, followFile(port))
  console.log(`market open at http://127.0.0.1:${port}`)
})

/** A row `[t, open, high, low, close, volume]` as the market shows it at a moment. */
function seenAt(row, nowMs) {
  const [ms, open, , , , volume] = row
  if (ms + hourMs > nowMs) return [ms, open, open, open, open, volume / 10]
  return ms === revisedMs ? row.with(5, volume + 1) : row
}

/** Each of it once. */
function tell(number) {
  const events = [
    [number >= outage.from, 'market out of order'],
    [number >= outage.to, 'market in order again'],
    [revisedMs !== undefined, `market revised the bar of ${revisedMs === undefined ? '' : new Date(revisedMs).toISOString()}`],
  ]
  for (; said < events.length && events[said][0]; said++) console.log(events[said][1])
}

function readBars(path) {
  const bytes = readFileSync(path)
  const [, ...lines] = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split('\n')
  return lines.map((line) => {
    const [time, ...cells] = line.split(',')
    return [Date.parse(`${time.replace(' ', 'T')}Z`), ...cells.map(Number)]
  })
}

function followFile(port) {
  const url = `http://127.0.0.1:${port}/klines?symbol={symbol}&interval={interval}&startTime={since}&limit={limit}`
  const series = { symbol: 'BTCUSDT', timeframe: '1h', models, source: { kind: 'http', url }, retry: { first_ms: 50, most_ms: 200 } }
  return `${JSON.stringify({ series: [series], rehearsal: { from: new Date(fromMs - 3 * hourMs).toISOString(), speed } }, null, 2)}\n`
}
