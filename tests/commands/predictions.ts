import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { withDuckdb } from '../../src/commands/tables/in-memory-duckdb.js'
import type { Prediction } from '../../src/predictions/schema.js'
import { endingAt, mapColumns, readBtcusdt } from '../support/btcusdt.js'
import { startProcess, untilReady } from '../support/server-process.js'
import { holdDatabase } from './support/hold-database.js'
import { barcast } from './support/run-barcast.js'

const newest = Date.UTC(2025, 8, 29, 22)
const hour = 3_600_000
const candles = readBtcusdt()
const single = 'btcusdt-logret-168h'
const classes = 'btcusdt-move-24h'

/** A server with predictions of three bars by two models, one of them superseded. */
async function serve(t: Test, database: string) {
  const server = startProcess({ BARCAST_DATABASE: database })
  const url = await server.url
  await untilReady(url)
  const predict = async (body: unknown) => {
    const response = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return ((await response.json()) as { predictions: Prediction[] }).predictions
  }
  const made: Prediction[] = []
  for (const back of [2, 1, 0]) {
    made.push(...(await predict({ models: [single, classes], candles: endingAt(candles, newest - back * hour, 726) })))
  }
  const changed = mapColumns(endingAt(candles, newest, 726), (values, name) => (name === 'volume' ? values.with(-1, 1) : values))
  made.push(...(await predict({ model: single, candles: changed })))
  const close = async () => {
    server.child.kill('SIGTERM')
    await server.ended
  }
  t.teardown(() => server.child.kill('SIGKILL'))
  return { url, made, close, env: { BARCAST_PORT: new URL(url).port }, pid: server.child.pid }
}

t.test('predictions, beside a server and without one', async (t) => {
  const { run, at, database } = barcast(t)
  const { made, url, env, close } = await serve(t, database)
  const current = [...made.slice(0, 4), made[5]!, made[6]!]

  t.match(await run(['export', 'predictions', at('a.csv')], { env }), { code: 0, stdout: '6 predictions', stderr: '' })
  const csv = await (await fetch(`${url}/predictions?order=asc`, { headers: { accept: 'text/csv' } })).text()
  t.equal(readFileSync(at('a.csv'), 'utf8'), csv.replaceAll('\r\n', '\n'), 'the same as GET /predictions as CSV')

  t.match(await run(['export', 'predictions', at('a.ndjson'), '--history'], { env }), { code: 0, stdout: '7 predictions' })
  const objects = readFileSync(at('a.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Prediction)
  const whole = (await (await fetch(`${url}/predictions?order=asc&history=all`)).json()) as { predictions: Prediction[] }
  t.strictSame(objects, whole.predictions, 'the same objects as GET /predictions')
  await close()

  for (const name of ['a.parquet', 'a.duckdb']) {
    t.match(await run(['export', 'predictions', at(name), '--from', `${newest - hour - 1}.999`]), { code: 0, stdout: '4 predictions' })
    await withDuckdb(async (connection) => {
      if (name.endsWith('.duckdb')) await connection.run(`ATTACH '${at(name)}' AS out (READ_ONLY)`)
      const from = name.endsWith('.duckdb') ? 'out.predictions' : `'${at(name)}'`
      const rows = await (
        await connection.run(
          `SELECT id, epoch_ms(bar_time)::DOUBLE, y_pred, y_pred_classes, outcome_status, scorer_family, scorer_precision, signal, details FROM ${from} ORDER BY id`,
        )
      ).getRowsJS()
      const expected = current
        .filter(({ bar_time }) => Date.parse(bar_time) >= newest - hour)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id, bar_time, y_pred }) => [
          id,
          Date.parse(bar_time),
          Array.isArray(y_pred) ? null : y_pred,
          Array.isArray(y_pred) ? y_pred : null,
          'pending',
          ...['lightgbm', 'float64', null, null],
        ])
      t.strictSame(rows, expected, name)
    })
  }
  t.match(
    await run(['export', 'predictions', at('b.csv'), '--model', 'btcusdt-up-24h']),
    { code: 0, stdout: '0 predictions' },
    'a model that there is',
  )
  t.match(await run(['export', 'predictions', at('c.csv'), '--model', 'btcusdt-up-24']), {
    code: 2,
    stderr: /no model btcusdt-up-24; did you mean btcusdt-up-24h\? \[unknown-model\]/,
  })
  const models = at('no-models')
  mkdirSync(models)
  const gone = await run(['export', 'predictions', at('gone.csv'), '--model', 'btcusdt-logret-168h'], { env: { BARCAST_MODELS: models } })
  t.match(gone, { code: 0, stdout: /gone\.csv: [1-9]\d* predictions/ }, 'a model that is gone, whose predictions are there')
  t.equal(readFileSync(at('b.csv'), 'utf8').trimEnd().split('\n').length, 1, 'a header')
  t.match(await run(['export', 'predictions', at('c.csv'), '--origin', 'x']), {
    code: 2,
    stderr: /^barcast: --origin: one of live, late, .*\[invalid-request\]/,
  })
  t.notOk(existsSync(at('c.csv')))
})

t.test('the table of trading_cex', async (t) => {
  const { run, at, database } = barcast(t)
  const { made, env, close } = await serve(t, database)
  const out = at('predictions.duckdb')
  const writing = (...more: string[]) => ['export', 'predictions', '--layout', 'trading-cex', out, ...more]
  const read = (sql: string) =>
    withDuckdb(async (connection) => {
      await connection.run(`ATTACH '${out}' AS out (READ_ONLY); USE out`)
      return (await connection.run(sql)).getRowsJS()
    })
  const stamp = (iso: string) => iso.slice(0, 19).replace('T', ' ')
  const current = [made[0]!, made[2]!, made[6]!]
  const rowsOf = (modelPath: string) =>
    current.map(({ bar_time, y_pred, created_at }) => [
      stamp(bar_time),
      modelPath,
      y_pred,
      'multi-timeframe-1',
      null,
      Date.parse(created_at),
    ])
  const select =
    'SELECT ts::VARCHAR, model_path, y_pred, feature_key, dataset, epoch_ms(created_at)::DOUBLE FROM predictions ORDER BY model_path, ts'

  t.match(await run(writing(), { env }), { code: 0, stdout: `3 predictions, 3 of several outputs left out`, stderr: '' })
  t.strictSame(await read(select), rowsOf(single))
  t.strictSame(
    await read(
      `SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE table_name = 'predictions' AND database_name = 'out'`,
    ),
    [
      ['ts', 'TIMESTAMP', false],
      ['model_path', 'VARCHAR', false],
      ['y_pred', 'DOUBLE', false],
      ['feature_key', 'VARCHAR', true],
      ['dataset', 'VARCHAR', true],
      ['created_at', 'TIMESTAMP', true],
    ],
  )
  t.strictSame(
    await read(`SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY' AND database_name = 'out'`),
    [[['ts', 'model_path']]],
  )
  t.match(await run(writing(), { env }), { code: 0 }, 'again: the same rows are replaced')
  t.strictSame(await read(select), rowsOf(single))
  t.match(
    await run(writing('--model-path', 'runs/a/model.txt', '--feature-key', 'prod_default', '--dataset', 'binance', '--model', single), {
      env,
    }),
    { code: 0 },
  )
  t.strictSame(await read(`SELECT count(*)::INT, count(DISTINCT model_path)::INT FROM predictions`), [[6, 2]], 'other rows stay')
  t.strictSame(await read(`SELECT DISTINCT feature_key, dataset FROM predictions WHERE model_path = 'runs/a/model.txt'`), [
    ['prod_default', 'binance'],
  ])

  t.match(await run(writing('--history'), { env }), { code: 2, stderr: /--history does not go with/ })
  t.match(await run(['export', 'predictions', at('x.csv'), '--layout', 'trading-cex'], { env }), {
    code: 2,
    stderr: /writes a DuckDB file/,
  })
  t.match(await run(['export', 'predictions', at('x.csv'), '--model-path', 'x'], { env }), {
    code: 2,
    stderr: /--model-path goes with --layout trading-cex/,
  })
  await close()
  t.match(await run(writing('--force')), { code: 0 }, 'anew')
  t.strictSame(await read(select), rowsOf(single))
})

t.test('a table that is there, of every kind', async (t) => {
  const { run, at, database } = barcast(t)
  const { env, close } = await serve(t, database)
  const into = async (name: string, sql: string) => {
    await withDuckdb((connection) => connection.run(`ATTACH '${at(name)}' AS out; USE out; ${sql}; USE memory; DETACH out`))
    return run(['export', 'predictions', '--layout', 'trading-cex', at(name)], { env })
  }
  const read = (name: string, sql: string) =>
    withDuckdb(async (connection) => {
      await connection.run(`ATTACH '${at(name)}' AS out (READ_ONLY); USE out`)
      return (await connection.run(sql)).getRowsJS()
    })
  const old = `('2025-09-29 22:00:00', 7, '${single}', 'k', now()), ('2020-01-01', 8, '${single}', 'k', now())`
  const variantA = `CREATE TABLE predictions (ts TIMESTAMP NOT NULL, y_pred DOUBLE NOT NULL, model_path VARCHAR NOT NULL, feature_key VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT now());
    CREATE UNIQUE INDEX idx_pred_unique ON predictions (ts, model_path, feature_key); INSERT INTO predictions VALUES ${old}`
  t.match(await into('a.duckdb', variantA), { code: 0, stdout: '3 predictions' }, 'the parent repository has no dataset')
  t.strictSame(await read('a.duckdb', 'SELECT count(*)::INT, max(y_pred) FROM predictions'), [[4, 8]], 'replaced one, kept the other')
  t.match(await into('b.duckdb', 'CREATE TABLE candles (ts TIMESTAMP)'), { code: 0 }, 'another table beside it')
  t.strictSame(await read('b.duckdb', 'SELECT count(*)::INT FROM predictions'), [[3]])
  t.match(await into('c.duckdb', 'CREATE TABLE predictions (id VARCHAR); INSERT INTO predictions VALUES (1)'), {
    code: 2,
    stderr: /its table predictions is not trading_cex's: ts, model_path, y_pred missing/,
  })
  t.strictSame(await read('c.duckdb', 'SELECT * FROM predictions'), [['1']], 'untouched')
  writeFileSync(at('text.duckdb'), 'no database '.repeat(1000))
  t.match(await run(['export', 'predictions', '--layout', 'trading-cex', at('text.duckdb')], { env }), {
    code: 2,
    stderr: /text\.duckdb cannot be written/,
  })
  const pid = await holdDatabase(t, at('b.duckdb'))
  t.match(await run(['export', 'predictions', '--layout', 'trading-cex', at('b.duckdb')], { env }), {
    code: 2,
    stderr: new RegExp(`PID ${pid}`),
  })
  const both = await run(['export', 'predictions', '--layout', 'trading-cex', at('d.duckdb'), '--model-path', 'one'], { env })
  t.match(both, { code: 0 }, 'models of several outputs do not count')
  await close()
})
