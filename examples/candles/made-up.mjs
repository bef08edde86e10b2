// Candles of a market that does not exist, as CSV: node made-up.mjs TIMEFRAME BARS [MARKET]. The same arguments give the same bytes on every machine.
const minutes = { '1m': 1, '5m': 5, '15m': 15, '30m': 30, '1h': 60, '4h': 240, '12h': 720, '1d': 1440 }
const [timeframe, bars = '', market = '1'] = process.argv.slice(2)
if (!(timeframe in minutes) || !/^\d{1,6}$/.test(bars) || !/^\d{1,4}$/.test(market)) {
  console.error('usage: node made-up.mjs TIMEFRAME BARS [MARKET], such as 5m 300 1')
  process.exit(2)
}

let state = Number(market)
// Integers modulo 65,537: every language with IEEE doubles makes the same bars.
const draw = () => (state = (75 * state + 74) % 65_537)
const lines = ['timestamp,open,high,low,close,volume']
let open = 100
for (let bar = 0; bar < Number(bars); bar++) {
  const [change, above, below, trades] = [draw(), draw(), draw(), draw()]
  const close = open * (1 + (change / 65_537 - 0.5) * 0.02)
  const high = Math.max(open, close) * (1 + (above / 65_537) * 0.005)
  const low = Math.min(open, close) * (1 - (below / 65_537) * 0.005)
  const time = new Date(Date.UTC(2025, 0, 1) + bar * minutes[timeframe] * 60_000).toISOString()
  lines.push([time, open, high, low, close, 1000 + (trades % 500)].join())
  open = close
}
process.stdout.write(`${lines.join('\n')}\n`)
