import { DuckDBInstance } from '@duckdb/node-api'
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { multiTimeframe } from '../../src/features/multi-timeframe/catalogue.js'
import { checkFrame } from '../../src/candles/check.js'
import { type Columns, endingAt, readBtcusdt, toCsvText } from '../support/btcusdt.js'
import { realCandles } from '../candles/support/real-candles.js'
import { barcast } from './support/run-barcast.js'

const hourMs = 3_600_000
const model = 'btcusdt-logret-168h'
const lastMs = Date.parse('2024-05-01T00:00:00Z')
const nowMs = () => lastMs + hourMs + 60_000
/** 10 bars with a window. */
const candles = endingAt(readBtcusdt(), lastMs, 726 + 9)

async function withFile(path: string, work: (run: (sql: string) => Promise<unknown>) => Promise<void>): Promise<void> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  await work((sql) => connection.run(sql))
  connection.closeSync()
  instance.closeSync()
}

/** A candle table as the feed of trading_cex makes it. */
async function writeCandles(path: string, columns: Columns, table = 'ohlcv_btcusdt_1h'): Promise<void> {
  await withFile(path, async (run) => {
    await run(
      `CREATE TABLE ${table} (timestamp TIMESTAMP, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE, created_at TIMESTAMP DEFAULT now())`,
    )
    const rows = columns.timestamp.map((ms, k) => {
      const cells = [columns.open[k], columns.high[k], columns.low[k], columns.close[k], columns.volume[k]].map(
        (value) => `${value}::DOUBLE`,
      )
      return `(epoch_ms(${ms}), ${cells.join(', ')})`
    })
    await run(`INSERT INTO ${table} (timestamp, open, high, low, close, volume) VALUES ${rows.join(', ')}`)
  })
}

/** Feature values of real bars as the pipeline stores them: JSON with bare NaN. */
function featuresJson(barMs: number): string {
  const { frame } = checkFrame(realCandles(), '1h', Date.now())
  const catalogue = multiTimeframe()
  const row = new Float64Array(catalogue.names.length)
  catalogue.compile(catalogue.names, { baseBars: 720, bufferBars: 6 }).compute(frame, frame.openTimeMs.indexOf(barMs), row)
  return `{${catalogue.names.map((name, k) => `"${name}": ${Number.isNaN(row[k]) ? 'NaN' : row[k]}`).join(', ')}}`
}

async function writeFeatures(
  path: string,
  rows: readonly (readonly [key: string, ms: number, json: string, createdAt: string])[],
): Promise<void> {
  await withFile(path, async (run) => {
    await run(
      'CREATE TABLE features (feature_key TEXT NOT NULL, ts TIMESTAMP NOT NULL, features JSON NOT NULL, created_at TIMESTAMP NOT NULL)',
    )
    for (const [key, ms, json, createdAt] of rows)
      await run(`INSERT INTO features VALUES ('${key}', epoch_ms(${ms}), '${json}', '${createdAt}')`)
  })
}

t.test('from stored candles: the plan, a line per bar, the sum', async (t) => {
  const { run, at } = barcast(t)
  writeFileSync(at('candles.csv'), toCsvText(candles))
  t.equal((await run(['import', 'candles', at('candles.csv'), '--symbol', 'BTCUSDT'], { nowMs })).code, 0)

  const dry = await run(['backfill', '--model', model, '--at-most', '2', '--dry-run'], { nowMs })
  t.equal(dry.code, 0, dry.stderr)
  t.equal(
    dry.stdout,
    'Found 2 target timestamps: [2024-04-29 01:00:00 .. 2024-04-29 02:00:00]\n' +
      `Backfill inference plan: bars=2 model=${model} key=computed\n  - 2024-04-29 01:00:00\n  - 2024-04-29 02:00:00\n`,
  )
  t.match(dry.stderr, /has no stored prediction/)

  const words = ['backfill', '--model', model, '--mode', 'window', '--start', '2024-05-01T00:00:00+05:00', '--end', '2024-05-01 00:00:00']
  const first = await run(words, { nowMs })
  t.equal(first.code, 0, first.stderr)
  const lines = first.stdout.trimEnd().split('\n')
  t.equal(lines[0], 'Found 6 target timestamps: [2024-04-30 19:00:00 .. 2024-05-01 00:00:00]', 'an offset is honoured')
  t.equal(lines[1], `Backfill inference plan: bars=6 model=${model} key=computed`)
  t.ok(
    lines.slice(2, 8).every((line) => /^OK 2024-0\d-\d\d \d\d:00:00: prediction=-?\d\.\d{6}$/.test(line)),
    first.stdout,
  )
  t.equal(lines[8], 'Backfill inference complete: wrote=6 predictions out of 6 planned')

  const second = await run(words, { nowMs })
  t.equal(second.code, 0)
  t.equal(second.stdout.match(/^SKIP .*: prediction already exists$/gm)?.length, 6)
  t.match(second.stdout, /wrote=0 predictions out of 6 planned/)
  const upToDate = await run(['backfill', '--model', model], { nowMs })
  t.strictSame([upToDate.code, upToDate.stdout], [0, 'No target timestamps found to run inference (after filtering/limits)\n'])

  writeFileSync(at('stamps.txt'), '2024-04-30 10:00:00\nnonsense\n\n2024-04-01T00:00:00Z\n')
  const list = await run(['backfill', '--model', model, '--mode', 'ts_list', '--ts', '2024-05-01', '--ts-file', at('stamps.txt')], {
    nowMs,
  })
  t.equal(list.code, 0)
  t.match(list.stderr, /WARNING: 1 of 4 stamps are no times/)
  t.match(list.stdout, /^SKIP 2024-04-01 00:00:00: insufficient\/irregular history window \(.*\)$/m)
  t.match(list.stdout, /^SKIP 2024-05-01 00:00:00: prediction already exists$/m)
  t.match(list.stdout, /wrote=0 predictions out of 3 planned/)

  const verified = await run(['verify'], { nowMs })
  t.match(verified, { code: 0, stdout: /^6 predictions replayed in .*: 6 identical, 0 different, 0 impossible\n$/ })
})

t.test('from the candles of a DuckDB file', async (t) => {
  const { run, at } = barcast(t)
  await writeCandles(at('feed.duckdb'), candles)
  const words = ['backfill', '--model', model, '--mode', 'window', '--start', '2024-04-30 22:00:00', '--candles-db', at('feed.duckdb')]
  const dry = await run([...words, '--dry-run'], { nowMs })
  t.match(dry, { code: 0, stdout: /bars=3 .*\n {2}- 2024-04-30 22:00:00\n {2}- 2024-04-30 23:00:00\n {2}- 2024-05-01 00:00:00\n$/ })
  t.match(
    (await run(['backfill', '--model', model, '--mode', 'window', '--dry-run'], { nowMs })).stderr,
    /no candles of BTCUSDT 1h are stored/,
  )
  const done = await run(words, { nowMs })
  t.match(done, { code: 0, stderr: /candles: 735 new, 0 known/, stdout: /wrote=3 predictions out of 3 planned/ })

  await writeCandles(at('other.duckdb'), candles, 'bars')
  t.match(await run([...words.slice(0, -1), at('other.duckdb')], { nowMs }), { code: 2, stderr: /no table ohlcv_btcusdt_1h/ })
  t.match(await run([...words.slice(0, -1), at('other.duckdb'), '--table', 'bars'], { nowMs }), {
    code: 0,
    stdout: /wrote=0 predictions out of 3/,
  })
  t.match(await run([...words, '--table', 'bars; DROP TABLE bars'], { nowMs }), { code: 2, stderr: /no name of a table/ })
})

t.test('models that are not equally far: a line per bar and model, in the order of time', async (t) => {
  const { run, at } = barcast(t)
  await writeCandles(at('feed.duckdb'), candles)
  const from = ['--candles-db', at('feed.duckdb')]
  t.match(await run(['backfill', '--model', model, '--mode', 'ts_list', '--ts', '2024-04-30 22:00:00', ...from], { nowMs }), { code: 0 })
  const { code, stdout } = await run(['backfill', '--model', model, '--model', 'btcusdt-up-24h', ...from], { nowMs })
  t.equal(code, 0)
  t.match(stdout, `Backfill inference plan: bars=2 model=${model} key=computed\n`)
  t.match(stdout, 'Backfill inference plan: bars=48 model=btcusdt-up-24h key=computed\n')
  t.match(stdout, /: wrote=12 predictions out of 50 planned\n$/)
  const lines = stdout.split('\n').flatMap((line) => /^(?:OK|SKIP) (.{19}):.* model=(.*)$/.exec(line)?.slice(1).join(' ') ?? [])
  t.equal(lines.length, 50)
  t.strictSame(lines, [...lines].sort(), 'by bar, then as the models were named')
})

t.test('from the features of a DuckDB file', async (t) => {
  const { run, at } = barcast(t)
  await writeCandles(at('feed.duckdb'), candles)
  const bars = [2, 1, 0].map((back) => lastMs - back * hourMs)
  const [one, two, three] = bars.map(featuresJson) as [string, string, string]
  const words = ['backfill', '--model', model, '--mode', 'window', '--start', '2024-04-30 22:00:00', '--candles-db', at('feed.duckdb')]
  const from = (name: string) => [...words, '--features-db', at(name)]

  await writeFeatures(at('features.duckdb'), [
    ['prod', bars[0]!, one, '2024-05-02'],
    ['prod', bars[1]!, '{"close_rsi_14_1H": 50.0}', '2024-05-02'],
    ['test', bars[1]!, '{}', '2024-05-01'],
    ['prod', bars[2]!, '{}', '2024-05-02'],
    ['test', bars[2]!, three, '2024-05-03'],
  ])
  const done = await run(from('features.duckdb'), { nowMs })
  t.equal(done.code, 0, done.stderr)
  t.match(done.stdout, `Backfill inference plan: bars=3 model=${model} key=most_recent\n`)
  t.match(done.stdout, /^OK 2024-04-30 22:00:00: prediction=-?\d\.\d{6}$/m)
  t.match(done.stdout, /^SKIP 2024-04-30 23:00:00: missing \d+ required features \(first 10\): \['/m)
  t.match(done.stdout, /^OK 2024-05-01 00:00:00: prediction=/m)
  t.match(done.stdout, /wrote=2 predictions out of 3 planned\n$/)
  const warning = 'WARNING: features of 2 keys are taken: prod (2), test (1); --feature-key names one\n'
  t.match(done.stderr, warning)
  t.match(await run([...from('features.duckdb'), '--dry-run'], { nowMs }), { code: 0, stderr: warning }, 'a dry run says so, too')
  t.match(await run(from('features.duckdb'), { nowMs }), { code: 0, stdout: /SKIP 2024-04-30 22:00:00: prediction already exists/ })

  // The same values as the service computes give the same numbers.
  const other = barcast(t)
  const computed = await other.run(
    ['backfill', '--model', model, '--mode', 'ts_list', '--ts', '2024-05-01', '--candles-db', at('feed.duckdb')],
    { nowMs },
  )
  const line = (text: string) => /^OK 2024-05-01 00:00:00: (.*)$/m.exec(text)?.[1]
  t.equal(line(done.stdout), line(computed.stdout))
  t.match(await run(['verify'], { nowMs }), { code: 0, stdout: /2 identical/ })

  // Rows that cannot be read stop no other; every line has its place in time, whatever the model.
  const broken = barcast(t)
  await withFile(at('broken.duckdb'), async (run) => {
    await run('CREATE TABLE my_features (feature_key TEXT, ts TEXT, features TEXT, created_at TIMESTAMP)')
    const text = one.replace(/"close_rsi_14_1H": [^,]*/, '"close_rsi_14_1H": "n/a"')
    const rows = [
      ['2024-04-30 22:00:00', text],
      ['2024-04-30 23:00:00', '{"close_rsi_14_1H": 5'],
      ['2024-05-01 00:00:00', three.replace('{', '{"note": "extra", ')],
      ['yesterday', three],
    ]
    for (const [ts, json] of rows) await run(`INSERT INTO my_features VALUES ('prod', '${ts}', '${json}', '2024-05-02')`)
  })
  t.match(await broken.run(from('broken.duckdb'), { nowMs }), {
    code: 2,
    stderr: /broken\.duckdb: it has no table features; the nearest is my_features\. There are: my_features; --features-table names one/,
  })
  const both = [...from('broken.duckdb'), '--features-table', 'my_features', '--model', 'btcusdt-up-24h']
  const mended = await broken.run(both, { nowMs })
  t.match(mended, { code: 0, stderr: /WARNING: 1 rows whose ts is no time are left out/ })
  const lines = mended.stdout.split('\n').filter((text) => /^(OK|SKIP)/.test(text))
  t.match(lines, [
    /^SKIP 2024-04-30 22:00:00: 1 features are no numbers: close_rsi_14_1H is "n\/a" model=btcusdt-logret-168h$/,
    /^SKIP 2024-04-30 22:00:00: .* model=btcusdt-up-24h$/,
    /^SKIP 2024-04-30 23:00:00: the features under the key prod are no JSON object: .* model=btcusdt-logret-168h$/,
    /^SKIP 2024-04-30 23:00:00: .* model=btcusdt-up-24h$/,
    /^OK 2024-05-01 00:00:00: .* model=btcusdt-logret-168h$/,
    /^OK 2024-05-01 00:00:00: .* model=btcusdt-up-24h$/,
  ])

  const empty = barcast(t)
  await writeFeatures(at('lacking.duckdb'), [['prod', bars[0]!, one, '2024-05-02']])
  const lacking = await empty.run([...from('lacking.duckdb'), '--feature-key', 'prod'], { nowMs })
  t.equal(lacking.code, 2)
  t.equal(
    lacking.stderr,
    'ERROR: 2 timestamps have OHLCV but missing features:\n  - 2024-04-30 23:00:00\n  - 2024-05-01 00:00:00\n' +
      '[ERROR] Data validation failed: Feature data is incomplete. Compute the features of these bars under the key prod and run this again, or choose other bars.\n',
  )
  t.match(
    await empty.run(['export', 'predictions', at('none.csv')], { nowMs }),
    { code: 0, stdout: /: 0 predictions/ },
    'nothing was written',
  )

  await writeCandles(at('behind.duckdb'), endingAt(candles, lastMs - hourMs, 734))
  await writeFeatures(at('ahead.duckdb'), [
    ['prod', bars[0]!, one, '2024-05-02'],
    ['prod', bars[1]!, two, '2024-05-02'],
    ['prod', bars[2]!, three, '2024-05-02'],
  ])
  const ahead = await empty.run(
    [
      'backfill',
      '--model',
      model,
      '--mode',
      'window',
      '--start',
      '2024-04-30 22:00:00',
      '--candles-db',
      at('behind.duckdb'),
      '--features-db',
      at('ahead.duckdb'),
    ],
    { nowMs },
  )
  t.match(ahead, {
    code: 2,
    stderr:
      /^ERROR: 1 timestamps have features but missing OHLCV:\n {2}- 2024-05-01 00:00:00\n\[ERROR\] Data validation failed: OHLCV data is incomplete/,
  })
})

t.test('what cannot be meant ends with 2', async (t) => {
  const { run, at } = barcast(t)
  await writeCandles(at('feed.duckdb'), candles)
  const cases: [string[], RegExp][] = [
    [['--model', 'no-such', '--candles-db', at('feed.duckdb')], /unknown-model/],
    [['--model', model, '--mode', 'all'], /--mode "all" is none/],
    [['--model', model, '--start', '2024-05-01'], /--start goes with --mode window/],
    [['--model', model, '--mode', 'ts_list'], /needs --ts or --ts-file/],
    [['--model', model, '--mode', 'window', '--start', 'tomorrow'], /--start "tomorrow" is no time/],
    [['--model', model, '--at-most', 'many'], /is no whole number/],
    [['--model', model, '--table', 'x'], /--table goes with --candles-db/],
    [['--model', model, '--candles-db', at('none.duckdb')], /none\.duckdb does not exist/],
    [['--model', model, '--features-db', at('feed.duckdb')], /features/],
    [['--model', model], /there is no database/],
  ]
  for (const [words, message] of cases.reverse()) {
    const { code, stderr } = await run(['backfill', ...words], { nowMs })
    t.equal(code, 2, words.join(' '))
    t.match(stderr, message)
  }
  t.match(await run(['verify', '--sample', '99999999'], { nowMs }), { code: 2, stderr: /^barcast: --sample: a number of at most 10000/ })
  t.match(await run(['verify', '--sample', '0'], { nowMs }), { code: 2, stderr: /no whole number above 0/ })
})
