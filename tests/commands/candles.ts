import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { endingAt, mapColumns, readBtcusdt, toCsvText } from '../support/btcusdt.js'
import { startProcess } from '../support/server-process.js'
import { holdDatabase } from './support/hold-database.js'
import { barcast } from './support/run-barcast.js'

const whole = new URL('../fixtures/btcusdt_1h_2021_2025.csv.gz', import.meta.url).pathname
const newest = Date.UTC(2025, 8, 29, 22)
const bars = endingAt(readBtcusdt(), newest, 300)
const importing = (path: string, ...more: string[]) => ['import', 'candles', path, '--symbol', 'BTCUSDT', ...more]

t.test('four years of hours are stored, told, and known the second time', async (t) => {
  const { run } = barcast(t)
  const first = await run(importing(whole))
  t.match(first, { code: 0, stderr: '' })
  t.match(first.stdout, 'read 41577 bars of BTCUSDT 1h, 2021-01-01T00:00:00.000Z to 2025-09-29T22:00:00.000Z')
  t.match(first.stdout, 'new 41577, known 0, revised 0, unfinished dropped 0, doubles dropped 0')
  t.match(first.stdout, 'gaps: 7, 14 bars missing, from 2021-02-11T04:00:00.000Z (1 bar), ')
  t.match(await run(importing(whole)), { code: 0, stdout: 'new 0, known 41577, revised 0' })
})

t.test('through every format and back: nothing is new, nothing is revised', async (t) => {
  const { run, at, folder } = barcast(t)
  // Values of every length, also such that are no short decimals.
  const odd = mapColumns(bars, (values, name) => (name === 'volume' ? values.map((value) => value / 3) : values))
  writeFileSync(at('in.csv'), toCsvText(odd))
  t.match(await run(importing(at('in.csv'))), { code: 0, stdout: 'new 300' })
  for (const name of ['a.csv', 'a.csv.gz', 'a.parquet', 'a.duckdb']) {
    t.match(await run(['export', 'candles', at(name)]), { code: 0, stdout: '300 bars of BTCUSDT 1h', stderr: '' }, name)
    t.match(await run(importing(at(name))), { code: 0, stdout: 'new 0, known 300, revised 0' }, name)
    t.match(await run(importing(at(name)), { env: { BARCAST_DATABASE: at(`of-${name}.duckdb`) } }), { code: 0, stdout: 'new 300' })
  }
  t.match(await run(['export', 'candles', at('a.ndjson'), '--from', '2025-09-29T20:00Z', '--to', '2025-09-29 21:00']), { code: 0 })
  const lines = readFileSync(at('a.ndjson'), 'utf8').trimEnd().split('\n')
  t.equal(lines.length, 2)
  t.match(JSON.parse(lines[0]!), { timestamp: '2025-09-29T20:00:00.000Z', close: odd.close[297] })
  t.match(await run(['export', 'candles', at('a.csv')]), { code: 2, stderr: /a\.csv exists already; --force replaces it/ })
  t.match(await run(['export', 'candles', at('a.csv'), '--force']), { code: 0 })
  t.notOk(
    readdirSync(folder).some((name) => name.includes('partial')),
    'nothing is left over',
  )
})

t.test('beside a running server, which knows the bars at once', async (t) => {
  const { run, at, database } = barcast(t)
  const server = startProcess({ BARCAST_DATABASE: database, BARCAST_BODY_LIMIT: '8kb' })
  const url = await server.url
  const env = { BARCAST_PORT: new URL(url).port }
  writeFileSync(at('in.csv'), toCsvText(bars))
  t.match(await run(importing(at('in.csv')), { env }), { code: 0, stdout: 'new 300', stderr: '' }, 'also where bodies must be small')
  t.match(await run(importing(at('in.csv'), '--url', url)), { code: 0, stdout: 'known 300' })
  t.match(await run(['export', 'candles', at('out.csv')], { env }), { code: 0, stdout: '300 bars' })
  t.match(await run(importing(at('out.csv')), { env }), { stdout: 'known 300, revised 0' })
  server.child.kill('SIGTERM')
  await server.ended
})

t.test('rows, columns and bars that are doubled, revised, unfinished or outside the range', async (t) => {
  const { run, at } = barcast(t)
  const text = toCsvText(bars)
  const last = text.trimEnd().split('\n').at(-1)!
  writeFileSync(at('doubled.csv'), `${text}${last}\n${last}\n`)
  t.match(await run(importing(at('doubled.csv'))), { code: 0, stdout: /read 302 bars[^]*new 300, .*doubles dropped 2/ })
  writeFileSync(at('conflict.csv'), `${text}${last.replace(/[^,]*$/, '1')}\n`)
  t.match(await run(importing(at('conflict.csv'))), {
    code: 2,
    stdout: '',
    stderr: /conflict\.csv: the candle of 2025-09-29T22:00:00\.000Z came twice, .*line 301, column volume.*line 302, column volume/,
  })
  writeFileSync(at('revised.csv'), toCsvText(mapColumns(bars, (values, name) => (name === 'volume' ? values.with(-1, 1) : values))))
  t.match(await run(importing(at('revised.csv'))), { code: 0, stdout: 'new 0, known 299, revised 1' })
  t.match(
    await run(importing(at('revised.csv'), '--from', '2025-09-29', '--to', '2025-09-29 05:00'), {
      env: { BARCAST_DATABASE: at('b.duckdb') },
    }),
    { stdout: 'new 6, known 0' },
  )
  t.match(await run(importing(at('revised.csv'), '--from', '2026-01-01')), { code: 2, stderr: 'no bar of the file opens between' })
  t.match(await run(importing(at('doubled.csv')), { env: { BARCAST_DATABASE: at('c.duckdb') }, nowMs: () => newest }), {
    stdout: /new 299, .*unfinished dropped 1/,
  })
})

t.test('broken input: the line, exit 2, and nothing is stored', async (t) => {
  const { run, at, database } = barcast(t)
  const refused = async (name: string, text: string, message: RegExp, ...more: string[]) => {
    writeFileSync(at(name), text)
    const { code, stdout, stderr } = await run(importing(at(name), ...more))
    t.match({ code, stdout }, { code: 2, stdout: '' }, name)
    t.match(stderr, message, name)
    t.equal(stderr.trimEnd().split('\n').length, 1, 'one line')
  }
  const text = toCsvText(bars)
  await refused('text.csv', `${text}soon,1,1,1,1,1\n`, /text\.csv: "soon" is no time.*line 302/)
  await refused('null.csv', `${text}1800000000000,1,1,1,,1\n`, /"" is no number.*line 302, column close/)
  await refused('impossible.csv', text.replace(/^(\d+),([^,]*),([^,]*)/m, '$1,$2,1'), /impossible\.csv: the candle of .*line 2, column/)
  await refused('grid.csv', text, /is not on the grid of 4h candles/, '--timeframe', '4h')
  await refused('one.csv', text.split('\n').slice(0, 2).join('\n'), /--timeframe names it: 1m,/)
  await refused('x.xlsx', 'x', /ends in \.csv/)
  t.match(await run(importing(at('absent.csv'))), { code: 2, stderr: /absent\.csv does not exist\n$/ })
  t.match(await run(importing(at('.'))), { code: 2 })
  t.notOk(existsSync(database), 'no database was made')
})

t.test('a DuckDB table, by its name; not one that is held, and never the own database', async (t) => {
  const { run, at, database } = barcast(t)
  writeFileSync(at('in.csv'), toCsvText(bars))
  await run(importing(at('in.csv')))
  await run(['export', 'candles', at('theirs.duckdb')])
  t.match(await run(importing(at('theirs.duckdb'), '--table', 'candles')), { code: 0, stdout: 'known 300' })
  t.match(await run(importing(at('theirs.duckdb'), '--table', 'candels')), { code: 2, stderr: /no table candels; the nearest is candles/ })
  t.match(await run(importing(database, '--table', 'candles')), { code: 2, stderr: "is barcast's own database" })
  t.match(await run(['export', 'candles', database, '--force']), { code: 2, stderr: "is barcast's own database" })
  const pid = await holdDatabase(t, at('theirs.duckdb'))
  t.match(await run(importing(at('theirs.duckdb'))), {
    code: 2,
    stderr: new RegExp(`theirs\\.duckdb: it is held by another process: .*PID ${pid}`),
  })
})

t.test('the series when it is not said', async (t) => {
  const { run, at } = barcast(t)
  writeFileSync(at('in.csv'), toCsvText(bars))
  t.match(await run(['import', 'candles', at('in.csv')]), { code: 0, stdout: '300 bars of BTCUSDT 1h' }, 'the models are for one symbol')
  await run(importing(at('in.csv')).with(4, 'ETHUSDT'))
  const several = await run(['export', 'candles', at('out.csv')])
  t.match(several, { code: 2, stderr: /2 series are stored; --symbol and --timeframe name one: BTCUSDT 1h, ETHUSDT 1h/ })
  t.match(await run(['export', 'candles', at('out.csv'), '--symbol', 'ETHUSDT']), { code: 0, stdout: 'ETHUSDT 1h' })
  t.match(await run(['export', 'candles', at('none.csv'), '--symbol', 'XRPUSDT']), { code: 2, stderr: 'no such candles are stored' })
  t.notOk(existsSync(at('none.csv')))
})

t.test('on a terminal the progress is shown, and taken away', async (t) => {
  const { run, at } = barcast(t)
  writeFileSync(at('in.csv'), toCsvText(bars))
  const { stderr } = await run(importing(at('in.csv')), { isTerminal: true })
  t.match(stderr, /\r.*300 of 300 \[=+\] 100 % bars.*\r/)
  t.ok(stderr.endsWith('\r\u001b[K'))
})

t.test('ended in the middle: what was sent is stored, nothing else happens', async (t) => {
  const { run, at } = barcast(t)
  writeFileSync(at('in.csv'), toCsvText(bars))
  const stopping = AbortSignal.abort(new Error('stop'))
  await t.rejects(run(importing(at('in.csv')), { signal: stopping }), { message: 'stop' })
  t.match(await run(importing(at('in.csv'))), { stdout: 'new 300' })
})
