import { existsSync } from 'node:fs'
import t from 'tap'
import { type ConfigError, loadConfig, settingsTable } from '../src/config.js'

t.test('defaults are the documented ones', (t) => {
  const { models, ...config } = loadConfig({})
  t.strictSame(config, {
    host: '127.0.0.1',
    port: 8080,
    database: 'data/barcast.duckdb',
    checksums: 'strict',
    allowUnsigned: false,
    requiredModels: [],
    bodyLimitBytes: 16 * 1024 * 1024,
    logLevel: 'info',
    follow: '',
    modelMemoryBytes: 512 * 1024 ** 2,
    modelWatchSeconds: 5,
    verifyPerHour: 0,
    compat: ['crypto-bot', 'ml-layer-1'],
    unknownNames: [],
  })
  t.ok(existsSync(models), 'the sample models are there')
  t.end()
})

t.test('settings are read, empty ones count as not set', (t) => {
  const config = loadConfig({
    BARCAST_PORT: ' 9000 ',
    BARCAST_HOST: '',
    BARCAST_CHECKSUMS: 'Warn',
    BARCAST_ALLOW_UNSIGNED: 'TRUE',
    BARCAST_REQUIRED_MODELS: 'a, b-1,',
    BARCAST_BODY_LIMIT: '1.5kb',
    BARCAST_LOG_LEVEL: 'debug',
    PATH: '/bin',
  })
  t.match(config, {
    port: 9000,
    host: '127.0.0.1',
    checksums: 'warn',
    allowUnsigned: true,
    requiredModels: ['a', 'b-1'],
    bodyLimitBytes: 1536,
    logLevel: 'debug',
  })
  t.throws(() => Object.assign(config, { port: 1 }), 'frozen')
  t.end()
})

t.test('every problem is reported at once', (t) => {
  const bad = {
    BARCAST_PORT: '70000',
    BARCAST_CHECKSUMS: 'maybe',
    BARCAST_ALLOW_UNSIGNED: 'perhaps',
    BARCAST_REQUIRED_MODELS: 'Not A Name',
    BARCAST_BODY_LIMIT: '16 elephants',
    BARCAST_LOG_LEVEL: 'loud',
  }
  try {
    loadConfig(bad)
    t.fail('accepted')
  } catch (error) {
    t.equal((error as ConfigError).issues.length, Object.keys(bad).length)
    for (const [name, text] of Object.entries(bad)) t.match((error as Error).message, `${name}=${JSON.stringify(text)}`)
  }
  for (const limit of ['0', '-1', '1', '999gb', '1e3', '']) {
    if (limit !== '') t.throws(() => loadConfig({ BARCAST_BODY_LIMIT: limit }), limit)
  }
  t.end()
})

t.test('secrets are kept apart, where no log finds them', (t) => {
  const config = loadConfig({ BARCAST_SECRET_KEY: 'hush', BARCAST_SECRET_EMPTY: '' })
  t.strictSame(config.secrets, { BARCAST_SECRET_KEY: 'hush' })
  t.strictSame(config.unknownNames, [])
  t.notMatch(JSON.stringify({ ...config }), /hush/)
  t.end()
})

t.test('a name that is no setting is noticed', (t) => {
  t.strictSame(loadConfig({ BARCAST_PROT: '1' }).unknownNames, ['BARCAST_PROT'])
  t.end()
})

t.test('the table has a line per setting', (t) => {
  const lines = settingsTable().split('\n')
  t.equal(lines.length, 14)
  t.ok(lines.every((line) => /^ {2}BARCAST_[A-Z_]+ {2,}/.test(line)))
  t.end()
})

t.test('endpoints of other systems', (t) => {
  const compat = (text: string) => loadConfig({ BARCAST_COMPAT: text }).compat
  t.same(compat('all'), ['crypto-bot', 'ml-layer-1'])
  t.same(compat('none'), [])
  t.same(compat(' ML-layer-1, '), ['ml-layer-1'])
  for (const wrong of ['crypto', 'all,none', 'none,crypto-bot']) t.throws(() => compat(wrong), /BARCAST_COMPAT.*are expected/, wrong)
  t.end()
})
