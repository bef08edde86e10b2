import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { withDuckdb } from '../../src/commands/tables/in-memory-duckdb.js'
import { startProcess, untilReady } from '../support/server-process.js'
import { endingAt, readBtcusdt } from '../support/btcusdt.js'
import { barcast } from './support/run-barcast.js'

const hour = 3_600_000
const newest = Date.UTC(2025, 8, 29, 22)

t.test('stored features, also where a later bar has more of them', async (t) => {
  const { run, at, database } = barcast(t)
  const server = startProcess({ BARCAST_DATABASE: database })
  const url = await server.url
  await untilReady(url)
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(url + path, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    t.ok(response.ok, `${method} ${path}: ${response.status}`)
    return response
  }
  const bars = [newest - 2 * hour, newest - hour, newest]
  const candles = endingAt(readBtcusdt(), newest, 728)
  await ask('POST', '/predict', { model: 'btcusdt-logret-168h', candles, bars: bars.slice(0, 2), store_features: true })
  await ask('POST', '/predict', { models: ['btcusdt-logret-168h', 'btcusdt-up-24h'], candles, bars: [newest], store_features: true })

  const env = { BARCAST_PORT: new URL(url).port }
  t.match(await run(['export', 'features', at('a.csv')], { env }), { code: 0, stdout: /a\.csv: 3 bars, \d+ features/, stderr: '' })
  const csv = await (await fetch(`${url}/features`, { headers: { accept: 'text/csv' } })).text()
  t.equal(readFileSync(at('a.csv'), 'utf8'), csv.replaceAll('\r\n', '\n'), 'the same as GET /features as CSV')
  t.match(await run(['export', 'features', at('a.ndjson'), '--from', String(newest)], { env }), { code: 0, stdout: '1 bars' })
  const { timestamp, features } = JSON.parse(readFileSync(at('a.ndjson'), 'utf8')) as { timestamp: string; features: object }
  t.equal(timestamp, new Date(newest).toISOString())
  t.equal(Object.keys(features).length, csv.split('\r\n')[0]!.split(',').length - 1)
  server.child.kill('SIGTERM')
  await server.ended

  t.match(await run(['export', 'features', at('a.parquet'), '--symbol', 'BTCUSDT', '--timeframe', '1H']), { code: 0, stdout: '3 bars' })
  const [header, ...lines] = csv
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))
  await withDuckdb(async (connection) => {
    const rows = await (await connection.run(`SELECT * EXCLUDE (timestamp) FROM '${at('a.parquet')}' ORDER BY timestamp`)).getRows()
    const same = rows.every((row, bar) =>
      row.every((value, k) => Object.is(value, lines[bar]![k + 1] === '' ? NaN : Number(lines[bar]![k + 1]))),
    )
    t.ok(same && rows.length === 3 && rows[0]!.length === header!.length - 1, 'the same bits in Parquet')
  })
  writeFileSync(at('held.csv'), 'mine')
  t.match(await run(['export', 'features', at('held.csv')]), { code: 2, stderr: /--force/ })
  t.match(await run(['export', 'features', at('none.csv'), '--feature-key', 'absent']), { code: 0, stdout: '0 bars, 0 features' })
})

t.test('rows that have more names than the first page: all is written again', async (t) => {
  const { run, at, database } = barcast(t)
  const server = startProcess({ BARCAST_DATABASE: database })
  const url = await server.url
  await untilReady(url)
  const { features } = (await (await fetch(`${url}/models/btcusdt-logret-168h`)).json()) as { features: { names: string[] } }
  const nBars = 501
  const timestamps = Array.from({ length: nBars }, (_, bar) => newest - (nBars - 1 - bar) * hour)
  const { names } = features
  const send = async (columns: string[], from: number, to: number) => {
    const body = {
      model: 'btcusdt-logret-168h',
      features: {
        columns,
        timestamps: timestamps.slice(from, to),
        rows: timestamps.slice(from, to).map((_, row) => columns.map((__, k) => row + k / 3)),
      },
    }
    const response = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, store_features: true }),
    })
    t.ok(response.ok, `${response.status} ${response.ok ? '' : await response.text()}`)
  }
  await send(names, 0, nBars - 1)
  await send([...names, 'one_more'], nBars - 1, nBars)
  server.child.kill('SIGTERM')
  await server.ended
  t.match(await run(['export', 'features', at('a.csv')]), { code: 0, stdout: new RegExp(`${nBars} bars, `), stderr: '' })
  t.equal(readFileSync(at('a.csv'), 'utf8').trimEnd().split('\n').length, nBars + 1)
})
