import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { addEnsemble } from '../ensembles/support/bundles.js'
import { addBundle, emptyDirectory, samples } from '../models/support/models-directory.js'
import { layouts } from '../models/support/layouts.js'
import { noOnnxruntime } from '../models/support/onnxruntime.js'
import { barcast } from './support/run-barcast.js'

interface Sum {
  readonly path: string
  readonly served: number
  readonly refused: number
  readonly models: readonly {
    readonly name: string
    readonly state: string
    readonly reason: string | null
    readonly detail: string | null
  }[]
}

const sumOf = (stdout: string) => JSON.parse(stdout) as Sum

t.test('the sample models: all would be served', async (t) => {
  const { run, database } = barcast(t)
  const { code, stdout, stderr } = await run(['models', 'check', samples])
  t.match({ code, stderr }, { code: 0, stderr: '' })
  t.match(stdout, /^NAME +LAYOUT +FAMILY +STATE +REASON\nbtcusdt-logret-168h +bundle +lightgbm +served\n/)
  t.match(stdout, /\n7 of 7 would be served\n$/)
  t.notOk(existsSync(database), 'no database is made')
})

t.test('as JSON: what GET /models would show, and more', async (t) => {
  const { run } = barcast(t)
  const { code, stdout } = await run(['models', 'check', join(samples, 'btcusdt-move-24h'), '--json'])
  t.equal(code, 0)
  t.match(sumOf(stdout), {
    path: join(samples, 'btcusdt-move-24h'),
    served: 1,
    refused: 0,
    models: [
      {
        name: 'btcusdt-move-24h',
        source: { layout: 'bundle', path: 'btcusdt-move-24h' },
        state: 'served',
        reason: null,
        family: 'lightgbm',
        precision: 'float64',
        golden_rows: 12,
        symbol: 'BTCUSDT',
        output: 'class_probabilities',
        outputs: 3,
        features: { catalogue: 'multi-timeframe', count: 210 },
      },
    ],
  })
})

t.test('what is refused ends with 2; each line says why', async (t) => {
  const { run } = barcast(t)
  const directory = emptyDirectory(t.testdir())
  addBundle(directory, 'ant')
  addBundle(directory, 'moth').edit('model.txt', (text) => text.slice(0, 1000))
  addBundle(directory, 'wasp').editManifest({ sha256: undefined })
  mkdirSync(join(directory, 'no\u001b[2Jmodel'))
  writeFileSync(join(directory, 'no\u001b[2Jmodel/model.json'), '{}')
  const { code, stdout } = await run(['models', 'check', directory])
  t.equal(code, 2)
  t.match(stdout, /\nant +bundle +lightgbm +served\n/)
  t.match(stdout, /\nmoth +bundle +lightgbm +refused +checksum: model.txt is not the file of model.json/)
  t.match(stdout, /\nwasp .* refused +checksum: model.json states no sha256/)
  t.match(stdout, /the folder's name is no model name/)
  t.notMatch(stdout, '\u001b', 'a name does not write to the terminal')
  t.match(stdout, /\n1 of 4 would be served\n$/)
})

t.test('ensembles have found their members, or why not', async (t) => {
  const { run } = barcast(t)
  const directory = emptyDirectory(t.testdir())
  addBundle(directory, 'ant')
  addBundle(directory, 'wasp').editManifest({ sha256: undefined })
  addEnsemble(directory, 'pair', { rule: 'mean', members: ['ant'] })
  addEnsemble(directory, 'deep', { rule: 'mean', members: ['pair'] })
  addEnsemble(directory, 'lost', { rule: 'mean', members: ['and'] })
  addEnsemble(directory, 'round', { rule: 'mean', members: ['round'] })
  addEnsemble(directory, 'on-refused', { rule: 'mean', members: ['wasp'] })
  const { code, stdout } = await run(['models', 'check', directory])
  t.equal(code, 2)
  t.match(stdout, /\ndeep +bundle +ensemble +served\n/)
  t.match(stdout, /\nlost .* refused +bad-manifest: .*no model and; the nearest name is ant/)
  t.match(stdout, /\nround .* refused .*round → round/)
  t.match(stdout, /\non-refused .* refused +bad-manifest: member wasp is refused \(checksum\)/)
  const alone = await run(['models', 'check', join(directory, 'deep'), '--json'])
  t.equal(alone.code, 0, 'members lie beside it')
  t.match(sumOf(alone.stdout), { served: 1, models: [{ name: 'deep', state: 'served', bars_needed: 726 }] })
})

t.test('settings and options decide as they do for a server', async (t) => {
  const { run } = barcast(t)
  const directory = emptyDirectory(t.testdir())
  addBundle(directory, 'ant').editManifest({ sha256: undefined })
  addBundle(directory, 'moth').editManifest({ sha256: 'a'.repeat(64) })
  const served = async (words: readonly string[], env: Record<string, string> = {}) =>
    sumOf((await run(['models', 'check', directory, '--json', ...words], { env })).stdout).models.map(({ state }) => state)
  t.same(await served([]), ['refused', 'refused'])
  t.same(await served(['--allow-unsigned']), ['served', 'refused'])
  t.same(await served(['--allow-unsigned', '--checksums', 'warn']), ['served', 'served'])
  t.same(await served([], { BARCAST_CHECKSUMS: 'off', BARCAST_ALLOW_UNSIGNED: 'true' }), ['served', 'served'])
  t.same(await served(['--checksums', 'strict'], { BARCAST_CHECKSUMS: 'off', BARCAST_ALLOW_UNSIGNED: 'true' }), ['served', 'refused'])
  const { code, stdout } = await run(['models', 'check', directory, '--allow-unsigned', '--checksums', 'warn'])
  t.equal(code, 0)
  t.match(stdout, /\n {2}warning: model.json states no sha256 of model.txt\n/)
})

t.test('other systems: a directory of them, one run root, one model of it', { skip: noOnnxruntime }, async (t) => {
  const { run } = barcast(t)
  const check = async (path: string) => {
    const { code, stdout } = await run(['models', 'check', path, '--json', '--allow-unsigned'])
    return { code, states: Object.fromEntries(sumOf(stdout).models.map(({ name, state }) => [name, state])) }
  }
  const all = await check(layouts)
  t.equal(all.code, 2)
  t.match(all.states, {
    'crypto-bot.btcusdt.15m': 'served',
    'crypto-bot.ethusdt.1h': 'refused',
    'foxml-run.fwd_ret_60m.lightgbm': 'served',
    'foxml-run.fwd_ret_60m.random_forest': 'refused',
    'layer-one.h1': 'served',
    'layer-one.sequence': 'served',
  })
  const one = await check(join(layouts, 'foxml-run'))
  t.same(
    Object.entries(one.states),
    Object.entries(all.states).filter(([name]) => name.startsWith('foxml-run.')),
  )
  t.match(await check(join(layouts, 'layer-one')), { code: 0, states: { 'layer-one.h2': 'served' } })
  t.same(await check(join(layouts, 'foxml-run/targets/fwd_ret_60m/models/view=CROSS_SECTIONAL/family=lightgbm')), {
    code: 0,
    states: { 'foxml-run.fwd_ret_60m.lightgbm': 'served' },
  })
  const target = await check(join(layouts, 'foxml-run/targets/fwd_ret_60m'))
  t.same(
    Object.entries(target.states),
    Object.entries(all.states).filter(([name]) => name.startsWith('foxml-run.fwd_ret_60m.')),
    'a folder inside a run',
  )
  t.same((await check(join(layouts, 'foxml-run/targets'))).states, one.states)
  t.same(await check(join(layouts, 'crypto-bot/per_coin/BTCUSDT')), { code: 0, states: { 'crypto-bot.btcusdt.15m': 'served' } })
  t.same(await check(join(layouts, 'crypto-bot/per_coin/BTCUSDT/15m')), { code: 0, states: { 'crypto-bot.btcusdt.15m': 'served' } })
})

t.test('a training run, alone and as the newest of its folder', async (t) => {
  const { run } = barcast(t)
  const directory = emptyDirectory(t.testdir())
  const names = ['run_20250102_000000_lgbm_y_logret_4h_regression', 'run_20250101_000000_lgbm_y_logret_4h_regression']
  for (const name of names) {
    const path = join(directory, 'trend', name)
    mkdirSync(path, { recursive: true })
    cpSync(join(samples, 'crypto-up-4h/model.txt'), join(path, 'model.txt'))
    writeFileSync(join(path, 'run_metadata.json'), JSON.stringify({ target: 'y_logret_4h', timestamp: '2025-01-01 00:00:00' }))
  }
  const check = async (path: string) =>
    sumOf((await run(['models', 'check', path, '--json', '--allow-unsigned'])).stdout).models.map((model) => model.name)
  t.same(await check(directory), ['trend'])
  t.same(await check(join(directory, 'trend', names[0]!)), [names[0]])
  t.same(await check(join(directory, 'trend')), [...names].sort(), 'as a models directory every run is a model')
  cpSync(join(directory, 'trend', names[0]!), join(directory, 'targets/champion'), { recursive: true })
  t.same(await check(join(directory, 'targets/champion')), ['champion'], 'whatever the folders are called')
  t.same(await check(join(directory, 'targets')), ['champion'])
})

t.test('what is no models directory ends with 2', async (t) => {
  const { run, at, folder } = barcast(t)
  writeFileSync(at('file'), '')
  t.match(await run(['models', 'check', at('file')]), { code: 2, stdout: '', stderr: /file is no directory\n$/ })
  t.match(await run(['models', 'check', at('nowhere')]), { code: 2, stdout: '', stderr: /nowhere does not exist\n$/ })
  t.match(await run(['models', 'check', folder]), { code: 2, stderr: /there is no model in / })
  t.match(await run(['models', 'check', samples, '--checksums', 'maybe']), {
    code: 2,
    stderr: /--checksums "maybe" is none of strict, warn, off/,
  })
  t.match(await run(['models']), { code: 2, stderr: /models what\?\n {2}models check/ })
  t.equal((await run(['models', 'check', resolve(samples, 'crypto-up-4h')])).code, 0)
})
