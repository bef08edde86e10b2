import t from 'tap'
import { commands } from '../../src/commands/table.js'
import { startProcess } from '../support/server-process.js'
import { barcast } from './support/run-barcast.js'

t.test('every command has its name, a summary and a help that names its options', async (t) => {
  const { run } = barcast(t)
  for (const [name, load] of Object.entries(commands)) {
    const command = await load()
    t.equal(command.name, name)
    const { code, stdout } = await run([...name.split(' '), '--help'])
    t.equal(code, 0)
    t.match(stdout, `${command.summary}.\n\nUsage: barcast ${name} `)
    for (const option of [...Object.keys(command.options), 'url', 'help'])
      t.match(stdout, new RegExp(`--${option} `), `${name}: --${option}`)
    for (const operand of command.operands ?? []) t.match(command.usage, operand)
    for (const [, option] of command.usage.matchAll(/--([a-z-]+)/g))
      t.hasProp(command.options, option!, `${name}: the usage names options that exist`)
  }
})

t.test('what is not understood is told with the nearest name, and ends with 2', async (t) => {
  const { run } = barcast(t)
  const refused = async (words: readonly string[], message: RegExp) => {
    const { code, stdout, stderr } = await run(words)
    t.match({ code, stdout }, { code: 2, stdout: '' }, words.join(' '))
    t.match(stderr, message)
    t.equal(stderr.trimEnd().split('\n').length, 1, 'one line')
  }
  await refused(['snapshto'], /"snapshto" is not understood\. The nearest is snapshot\./)
  await refused(['improt', 'candles', 'x.csv'], /The nearest is import candles\./)
  await refused(['export', 'candle', 'x.csv'], /The nearest is export candles\./)
  await refused(['xyzzy'], /"xyzzy" is not understood\. barcast help lists/)
  await refused(['snapshot', '--fore', 'x.duckdb'], /--fore is no option of snapshot; the nearest is --force/)
  await refused(['snapshot'], /OUT\.duckdb is missing/)
  await refused(['snapshot', 'a.duckdb', 'b.duckdb'], /"b\.duckdb" is not understood: snapshot takes OUT\.duckdb/)
  await refused(['export', 'candles', 'x.csv', '--symbol'], /--symbol .*argument missing/)
  await refused(['export', 'candles', 'x.csv', '--symbol='], /--symbol is empty/)
  await refused(['export', 'candles', 'x.csv', '--force=yes'], /--force .*does not take an argument/)
  await refused(['export', 'candles', 'x.csv', '--from', 'soon'], /--from "soon" is no time/)
  await refused(['export', 'candles', 'x.csv', '--from', '1700000000'], /seconds, multiply by 1000/)
  await refused(['export', 'candles', 'x.csv', '--from', '2025-02-01', '--to', '2025-01-01'], /--from 2025-02-01 is later than --to/)
  await refused(['export', 'candles', 'x.csv', '--timeframe', '1M0'], /--timeframe "1M0" is none: one of 1m,/)
  await refused(['export', 'predictions', 'x.csv', '--layout', 'y'], /--layout "y" is none/)
})

t.test('words that several commands share list them', async (t) => {
  const { run } = barcast(t)
  t.match(await run(['export']), { code: 2, stdout: '', stderr: /export what\?\n {2}export candles/ })
  t.match(await run(['export', '--help']), { code: 0, stdout: /export candles[^]*export predictions/, stderr: '' })
})

t.test('settings that are not usable end with 2, typing errors are told', async (t) => {
  const { run, at } = barcast(t)
  t.match(await run(['snapshot', at('x.duckdb')], { env: { BARCAST_PORT: 'x' } }), { code: 2, stderr: /BARCAST_PORT="x"/ })
  t.match(await run(['snapshot', at('x.duckdb')], { env: { BARCAST_PROT: '1' } }), { stderr: /BARCAST_PROT is no setting/ })
})

t.test('as a process: help of a command, and an unknown one', async (t) => {
  t.match(await startProcess({}, ['help', 'snapshot']).ended, { code: 0, stdout: /Usage: barcast snapshot/, stderr: '' })
  t.match(await startProcess({}, ['snapshto']).ended, {
    code: 2,
    stdout: '',
    stderr: 'barcast: "snapshto" is not understood. The nearest is snapshot.',
  })
})
