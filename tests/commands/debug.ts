import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { withDuckdb } from '../../src/commands/tables/in-memory-duckdb.js'
import { endingAt, readBtcusdt, toCsvText } from '../support/btcusdt.js'
import { barcast } from './support/run-barcast.js'

const newest = Date.UTC(2025, 8, 29, 22)
const nowMs = () => Date.UTC(2026, 0, 2, 3, 4, 5)

t.test('features and prediction of one bar, as CSV and Parquet', async (t) => {
  const { run, at } = barcast(t)
  writeFileSync(at('in.csv'), toCsvText(endingAt(readBtcusdt(), newest, 800)))
  await run(['import', 'candles', at('in.csv'), '--symbol', 'BTCUSDT'])
  const asking = (...more: string[]) =>
    run(['debug', '--bar', '2025-09-29 22:00', '--model', 'btcusdt-logret-168h', '--out', at('artifacts'), ...more], { nowMs })
  const { code, stdout, stderr } = await asking()
  t.match({ code, stderr }, { code: 0, stderr: '' })
  const suffix = 'BTCUSDT_1h_20250929_220000_20260102_030405'
  const names = [`features_${suffix}.csv`, `features_${suffix}.parquet`, `prediction_${suffix}.csv`, `prediction_${suffix}.parquet`]
  t.strictSame(readdirSync(at('artifacts')).sort(), names)
  for (const name of names) t.match(stdout, name)

  const [header, line, ...rest] = readFileSync(at(`artifacts/${names[0]}`), 'utf8')
    .trimEnd()
    .split('\n')
  t.strictSame(rest, [])
  const columns = header!.split(',')
  const cells = line!.split(',')
  t.ok(columns.length > 440, 'all features, not only those of the model')
  t.match([columns[0], cells[0]], ['timestamp', '2025-09-29 22:00:00'])
  t.equal(
    readFileSync(at(`artifacts/${names[2]}`), 'utf8'),
    'timestamp,y_pred,model_run,run_ts\n2025-09-29 22:00:00,0.030967558971535417,btcusdt-logret-168h,2026-01-02 03:04:05\n',
  )
  await withDuckdb(async (connection) => {
    const row = (await (await connection.run(`SELECT * FROM '${at(`artifacts/${names[1]}`)}'`)).getRows())[0]!
    t.equal(row.length, columns.length)
    for (let k = 1; k < row.length; k++) {
      t.ok(Object.is(row[k], cells[k] === '' ? NaN : Number(cells[k])), `${columns[k]}: the same bits in both`)
    }
    const [prediction] = await (
      await connection.run(`SELECT y_pred, model_run, epoch_ms(run_ts)::DOUBLE FROM '${at(`artifacts/${names[3]}`)}'`)
    ).getRowsJS()
    t.strictSame(prediction, [0.030967558971535417, 'btcusdt-logret-168h', nowMs()])
  })

  t.match(await asking('--tag', 'BINANCE_BTCUSDT.P, 60'), {
    code: 0,
    stdout: /features_BINANCE_BTCUSDT\.P_60_20250929_220000_20260102_030405\.csv/,
  })
  t.match(await asking('--tag', '../x'), { code: 0, stdout: /features_\.\.-x_2025/ }, 'no tag leads out of the folder')
  t.match(await asking(), { code: 0, stdout: /20260102_030406\.csv/ }, 'in the same second: the files stay')
  t.match(await run(['export', 'predictions', at('p.csv')]), { stdout: '0 predictions' }, 'nothing is stored')
})

t.test('a model of several classes, and candles of a file', async (t) => {
  const { run, at } = barcast(t)
  writeFileSync(at('in.csv'), toCsvText(endingAt(readBtcusdt(), newest, 900)))
  const words = ['debug', '--bar', '2025-09-29T12:00Z', '--model', 'btcusdt-move-24h', '--out', at('out'), '--candles', at('in.csv')]
  t.match(await run(words, { nowMs }), { code: 0, stderr: '' })
  const name = readdirSync(at('out')).find((file) => /^prediction.*csv$/.test(file))!
  t.match(readFileSync(at(`out/${name}`), 'utf8'), /^2025-09-29 12:00:00,"\[0\.\d+,0\.\d+,0\.\d+\]",btcusdt-move-24h,/m)
})

t.test('what cannot be computed says why', async (t) => {
  const { run, at } = barcast(t)
  writeFileSync(at('in.csv'), toCsvText(endingAt(readBtcusdt(), newest, 100)))
  await run(['import', 'candles', at('in.csv'), '--symbol', 'BTCUSDT'])
  const asking = (bar: string, model: string) => run(['debug', '--bar', bar, '--model', model, '--out', at('out')])
  t.match(await asking('last', 'btcusdt-logret-168h'), { code: 2, stderr: /726 are needed.*\[not-enough-history\]/ })
  t.match(await asking('last', 'btcusdt-logret-168'), { code: 2, stderr: /btcusdt-logret-168h\?? \[unknown-model\]/ })
  t.match(await asking('soon', 'btcusdt-logret-168h'), { code: 2, stderr: /--bar "soon" is no time/ })
  t.match(await run(['debug', '--bar', 'last', '--out', at('out')]), { code: 2, stderr: '--model is missing' })
})
