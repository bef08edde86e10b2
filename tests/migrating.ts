import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Booster } from 'lightgbm-wasm'
import t, { type Test } from 'tap'
import { allCatalogues } from '../src/features/catalogues.js'
import { ensembleSchema } from '../src/models/ensemble-rule.js'
import { families as familyList } from '../src/models/families/families.js'
import type { Prediction } from '../src/predictions/schema.js'
import { barcast } from './commands/support/run-barcast.js'
import { foxmlBlend } from './ensembles/support/foxml-blend.js'
import { noOnnxruntime } from './models/support/onnxruntime.js'
import { untilEnded } from './support/jobs.js'
import { type Answer, execute, program, unrolled } from './support/page-commands.js'
import { type Service, startService, temporaryFolder } from './support/service.js'
import { wordsOf } from './support/words-of.js'

const root = resolve(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/migrating.md'), 'utf8')
const [section] = page.split('## Models of other systems')[1]!.split('\n### ')
const rows = section!.split('\n').filter((line) => /^\| .*`[^`]+` \|$/.test(line))
/** The commands of the table, as they are typed, in its order. */
const commands = rows.map((row) => /`([^`]+)` \|$/.exec(row)![1]!.replaceAll('\\|', '|'))

/** A folder `all-models`, filled as the page says. */
function allModels(t: Test): string {
  const directory = join(temporaryFolder(t), 'all-models')
  const [, sources] = /^cp -r (.+) all-models$/m.exec(page)!
  for (const source of sources!.split(' ')) {
    const folder = join(root, dirname(source))
    for (const name of readdirSync(folder)) cpSync(join(folder, name), join(directory, name), { recursive: true })
  }
  return directory
}

t.test('every layout, catalogue, family, rule and endpoint has a row', (t) => {
  for (const command of commands) t.match(command, /^(barcast|curl|node|npx|for) /)
  const rules = readdirSync(join(root, 'examples/ensembles')).map((name) => {
    const { ensemble } = JSON.parse(readFileSync(join(root, 'examples/ensembles', name, 'model.json'), 'utf8')) as Manifest
    t.ok(
      commands.some((command) => command.includes(name)),
      `${name} is asked`,
    )
    return ensemble.rule
  })
  const known = ensembleSchema.options.map(({ shape }) => shape.rule.value)
  t.same(
    known.filter((rule) => rule !== 'stacked' && !rules.includes(rule)),
    [],
    'every rule has an example',
  )
  for (const name of readdirSync(join(root, 'examples/families')).filter((each) => !/long-history|\.py$/.test(each))) {
    t.ok(
      commands.some((command) => command.includes(name)),
      `${name} is asked`,
    )
  }
  for (const { name } of allCatalogues())
    t.ok(
      rows.some((row) => row.includes(`\`${name}\``)),
      `catalogue ${name}`,
    )
  for (const { name } of familyList)
    t.ok(
      rows.some((row) => row.includes(`\`${name}\``)),
      `family ${name}`,
    )
  t.end()
})

interface Manifest {
  readonly ensemble: { readonly rule: string }
}

/** Where fixtures hold what can only be refused. */
const refusing = /foxml-run|crypto-bot|all-models/

t.test('the commands that check a directory do what the page says', { skip: noOnnxruntime }, async (t) => {
  const { run } = barcast(t)
  const directory = allModels(t)
  for (const command of commands.filter((each) => each.startsWith('barcast '))) {
    const words = wordsOf(command).slice(1)
    const path = words[2] === 'all-models' ? directory : join(root, words[2]!)
    const { code, stdout, stderr } = await run(words.with(2, path))
    t.equal(stderr, '', command)
    t.equal(code, refusing.test(command) ? 2 : 0, `${command}: ${stdout}`)
    t.match(stdout, /would be served|"served": [1-9]/, command)
    if (words[2] === 'all-models' && !words.includes('--json')) {
      t.same(
        [...stdout.matchAll(/^(\S+) .* refused /gm)].map(([, name]) => name),
        ['crypto-bot.ethusdt.1h', 'foxml-run.fwd_ret_60m.random_forest', 'foxml-run.will_peak_30m_0.8.lightgbm'],
        'only what cannot be read, or may not be used',
      )
    }
  }
})

t.test('every other command, one after another', { skip: noOnnxruntime, timeout: 120_000 }, async (t) => {
  const service = await startService(t, { env: { BARCAST_MODELS: allModels(t), BARCAST_ALLOW_UNSIGNED: 'true' } })
  const asked = new Map<string, Prediction[]>()
  const answers = new Map<string, Answer>()
  for (const command of commands.filter((each) => !each.startsWith('barcast '))) {
    for (const each of unrolled(command)) {
      const { status, answer } = await execute(service, each)
      t.ok([200, 201, 202].includes(status), `${each}: ${status} ${JSON.stringify(answer).slice(0, 300)}`)
      answers.set(each, answer)
      for (const made of Array.isArray(answer.predictions) ? (answer.predictions as Prediction[]) : []) {
        t.not(made.y_pred, null, `${each}: ${JSON.stringify(made.details)}`)
        asked.set(made.model.name, [...(asked.get(made.model.name) ?? []), made])
      }
    }
  }
  const of = (name: string): Prediction => {
    const [made] = asked.get(name) ?? []
    if (made === undefined) throw new Error(`no command of the page asks ${name}`)
    return made
  }
  const context: Context = {
    service,
    of,
    all: (name) => asked.get(name) ?? [],
    answerTo: (part) => [...answers].find(([command]) => command.includes(part))![1],
  }

  await t.test('catalogues', (t) => catalogues(t, context))
  await t.test('families', (t) => families(t, context))
  await t.test('models of predictions', (t) => models(t, context))
  await t.test('targets', (t) => Promise.resolve(targets(t, context)))
  await t.test('ensembles', (t) => ensembles(t, context))
  await t.test('signals', (t) => Promise.resolve(signals(t, context)))
  const job = answers.get(commands.find((each) => each.includes('/verifications'))!) as unknown as { id: string }
  const { result } = await untilEnded<{ id: string; state: string; result: { checked: number; identical: number } }>(
    service.app,
    `/verifications/${job.id}`,
  )
  t.ok(result.checked > 250, `${result.checked} predictions`)
  t.equal(result.identical, result.checked, JSON.stringify(result))
})

interface Context {
  readonly service: Service
  /** The first prediction that a command got of a model. */
  readonly of: (model: string) => Prediction
  readonly all: (model: string) => readonly Prediction[]
  /** What came of the first command that holds this text. */
  readonly answerTo: (part: string) => Answer
}

const number = ({ y_pred: value }: Prediction): number => value as number
const near = (t: Test, found: number, expected: number, what: string, tolerance = 1e-12) =>
  t.ok(Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${what}: ${found}, expected ${expected}`)

interface Candles {
  readonly times: readonly string[]
  readonly open: readonly number[]
  readonly high: readonly number[]
  readonly low: readonly number[]
  readonly close: readonly number[]
  readonly volume: readonly number[]
}

function candlesOf(csv: string): Candles {
  const rows = csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
  const column = (k: number) => rows.map((cells) => Number(cells[k]))
  return { times: rows.map(([time]) => time!), open: column(1), high: column(2), low: column(3), close: column(4), volume: column(5) }
}

const bitcoin = candlesOf(readFileSync(join(root, 'examples/candles/btcusdt-1h.csv'), 'utf8'))
const madeUp = (...words: readonly string[]) => candlesOf(program(['node', 'examples/candles/made-up.mjs', ...words]).toString())

/** The score of a row by the model that the service has in memory. */
async function scoreOf({ service }: Context, name: string, row: readonly number[]): Promise<number> {
  const model = service.parts.registry.served(name)
  const { pred } = await (model.scoreLater ?? model.score)(Float64Array.from(row))
  return pred[0]!
}

/** Features of the example's last bars, a row per bar. */
async function featuresOf({ service }: Context, body: Record<string, unknown>): Promise<number[][]> {
  const { times, ...columns } = bitcoin
  const payload = { timeframe: '1h', candles: { timestamp: times, ...columns }, ...body }
  return (await service.app.inject({ method: 'POST', url: '/features', payload })).json<{ rows: number[][] }>().rows
}

async function catalogues(t: Test, context: Context): Promise<void> {
  const { of, answerTo } = context
  const named = {
    'multi-timeframe': of('btcusdt-up-24h'),
    foxml: of('foxml-run.fwd_ret_60m.lightgbm'),
    'crypto-bot': of('crypto-bot.btcusdt.15m'),
    'ml-layer-1': of('layer-one.h1'),
    'raw-sequence': of('foxml-run.fwd_ret_60m.lstm'),
  }
  for (const [catalogue, made] of Object.entries(named)) t.equal(made.features.catalogue, catalogue)
  t.equal((named['crypto-bot'].y_pred as number[]).length, 3)
  near(
    t,
    (named['crypto-bot'].y_pred as number[]).reduce((a, b) => a + b),
    1,
    'probabilities add up to 1',
    1e-6,
  )

  const [own] = answerTo('examples/catalogue').predictions as [Prediction]
  t.equal(own.features.catalogue, 'breakout')
  const last = bitcoin.close.length - 1
  const ratio = (bar: number) => (bitcoin.volume[bar]! * 10) / bitcoin.volume.slice(bar - 9, bar + 1).reduce((a, b) => a + b)
  const above = bitcoin.close[last]! / Math.max(...bitcoin.close.slice(last - 20, last)) - 1
  const booster = await Booster.load(readFileSync(join(root, 'examples/catalogue/models/breakout-1h/model.txt')))
  t.teardown(() => booster.dispose())
  t.equal(number(own), booster.predict(Float64Array.of(above, ratio(last), ratio(last - 3)))[0])
}

async function families(t: Test, context: Context): Promise<void> {
  const { of } = context
  const folder = join(root, 'examples/families/day-xgboost-json')
  const { learner } = JSON.parse(readFileSync(join(folder, 'booster.json'), 'utf8')) as XgboostJson
  const [row] = await featuresOf(context, { names: learner.feature_names, base_bars: 720, buffer_bars: 6 })
  const expected = walkXgboost(learner, row!)
  near(t, number(of('day-xgboost-json')), expected, 'XGBoost as JSON', 1e-7)
  t.equal(number(of('day-xgboost-ubj')), number(of('day-xgboost-json')), 'and as UBJSON')
  t.match(of('day-xgboost-ubj'), { y_raw: number(of('day-xgboost-json')) })

  const last = bitcoin.close.length - 1
  const bars = Array.from({ length: 24 }, (_, k) => last - 23 + k)
  const channels = ['open', 'high', 'low', 'close', 'volume'] as const
  const f = Math.fround
  const epsilon = f(1e-8)
  for (const [kind, normalise] of Object.entries(normalisations(epsilon))) {
    const columns = channels.map((channel) => {
      const values = bars.map((bar) => f(bitcoin[channel][bar]!))
      return normalise(values, f((channel === 'volume' ? bitcoin.volume : bitcoin.close)[bars[0]!]!))
    })
    const flat = bars.flatMap((_, k) => columns.map((column) => column[k]!))
    const name = `day-sequence-${kind.replace('_', '-')}`
    t.equal(number(of(name)), await scoreOf(context, name, flat), name)
  }

  const indicators = ['rsi_14', 'ret_1d', 'bb_position', 'macd_hist']
  const eight = await featuresOf(context, {
    catalogue: 'foxml',
    names: indicators,
    base_bars: 260,
    buffer_bars: 0,
    bars: { from: bitcoin.times[last - 7] },
  })
  t.equal(eight.length, 8)
  t.equal(number(of('day-sequence-features')), await scoreOf(context, 'day-sequence-features', eight.flat()), 'a sequence of features')
}

interface XgboostJson {
  readonly learner: {
    readonly feature_names: readonly string[]
    readonly learner_model_param: { readonly base_score: string }
    readonly gradient_booster: { readonly model: { readonly trees: readonly XgboostTree[] } }
  }
}

interface XgboostTree {
  readonly left_children: readonly number[]
  readonly right_children: readonly number[]
  readonly split_indices: readonly number[]
  readonly split_conditions: readonly number[]
}

/** The margin of a row without missing values, float32 as XGBoost sums it. */
function walkXgboost(
  { learner_model_param: { base_score }, gradient_booster: { model } }: XgboostJson['learner'],
  row: readonly number[],
): number {
  return model.trees.reduce(
    (sum, { left_children: left, right_children: right, split_indices: feature, split_conditions: value }) => {
      let node = 0
      while (left[node] !== -1) node = Math.fround(row[feature[node]!]!) < Math.fround(value[node]!) ? left[node]! : right[node]!
      return Math.fround(sum + Math.fround(value[node]!))
    },
    Math.fround(Number(base_score.replace(/[[\]]/g, ''))),
  )
}

/** FoxML's four, one channel at a time, float32. */
function normalisations(epsilon: number): Record<string, (values: readonly number[], reference: number) => number[]> {
  const f = Math.fround
  return {
    returns: (values, reference) => values.map((value) => f(f(value / f(reference + epsilon)) - 1)),
    log_returns: (values, reference) => values.map((value) => f(Math.log(f(f(value / f(reference + epsilon)) + epsilon)))),
    minmax: (values) => {
      const [least, most] = [Math.min(...values), Math.max(...values)]
      return values.map((value) => f(f(value - least) / f(f(most - least) + epsilon)))
    },
    none: (values) => [...values],
  }
}

async function models(t: Test, context: Context): Promise<void> {
  const { of, all } = context
  const details = of('day-stacked').details as { members: { model: string; value: number | number[] }[] }
  const row = details.members.flatMap(({ value }) => value)
  t.same(row[0], of('day-stacked-onnx').details?.inputs && Object.values(of('day-stacked-onnx').details!.inputs as object)[0])
  t.equal(row[1], number(of('btcusdt-up-24h')), 'the prediction of a member by itself')
  t.equal(number(of('day-stacked')), await scoreOf(context, 'day-stacked', row))
  near(t, number(of('day-stacked-onnx')), await scoreOf(context, 'day-stacked-onnx', row), 'as ONNX', 0)
  t.match(of('day-stacked-onnx'), { scorer_version: /^onnxruntime-node/ })

  const values = all('crypto-up-4h').map(number)
  t.equal(new Set(values).size, 5)
  const rising = [...values].sort((a, b) => a - b)
  // Percentiles 0.2 … 1 through the normal distribution's quantiles, as FoxML gives them for five symbols.
  const signalsOfFive = [-0.8416212335729142, -0.2533471031357997, 0.2533471031357997, 0.8416212335729142, 3]
  all('up-4h-rank').forEach((made, k) => {
    const place = rising.indexOf(values[k]!)
    near(t, number(made), signalsOfFive[place]!, `rank of ${made.symbol}`, 1e-14)
    t.equal(made.y_raw, (place + 1) / 5)
  })
  t.equal(all('up-4h-rank').length, 5)
}

function targets(t: Test, { answerTo }: Context): void {
  const whole = answerTo('{"target": "y_logret", "symbol": "BTCUSDT"}').term_structure!
  t.same([...new Set(whole.map(({ horizon_bars }) => horizon_bars))], [24, 168])
  t.same(
    whole.map(({ horizon_bars, model }) => `${String(horizon_bars).padStart(3)} ${model}`),
    whole.map(({ horizon_bars, model }) => `${String(horizon_bars).padStart(3)} ${model}`).sort(),
  )
  for (const name of ['trend', 'day-xgboost-ubj', 'day-sequence-minmax', 'week-mean', 'week-quantiles'])
    t.ok(
      whole.some(({ model }) => model === name),
      name,
    )
  t.match(answerTo('"family_priority": ["XGBoost", "ensemble"]').term_structure, [
    { horizon_bars: 24, model: 'day-xgboost-json', family: 'xgboost' },
    { horizon_bars: 168, family: 'ensemble' },
  ])
  t.match(answerTo('"LSTM", "LightGBM"').term_structure, [
    {
      horizon_bars: 12,
      model: 'foxml-run.fwd_ret_60m.lstm',
      family: 'lstm',
      passed_over: [{ model: 'foxml-run.fwd_ret_60m.random_forest', family: 'randomforest', reason: /pickles are never opened/ }],
    },
  ])
}

async function ensembles(t: Test, { service, of, all }: Context): Promise<void> {
  t.match(of('day-fallback').details, {
    answered_by: 'day-xgboost-ubj',
    passed_over: [{ model: 'day-long-history', reason: /907 are needed/ }],
  })
  t.equal(number(of('day-fallback')), number(of('day-xgboost-ubj')))

  const read = async (model: string, query = '') => {
    const { predictions } = (await service.get(`/predictions?model=${model}&order=asc&limit=1000${query}`)).json<{
      predictions: Prediction[]
    }>()
    return predictions.map(number)
  }
  const [week] = await read('btcusdt-logret-168h')
  const quantiles = await Promise.all(['q05', 'q50', 'q95'].map(async (q) => (await read(`btcusdt-logret-168h-${q}`))[0]!))
  const [low, middle, high] = [quantiles[0]!, Math.max(quantiles[0]!, quantiles[1]!), Math.max(...quantiles)]
  const expected = 0.05 * low + (0.45 * (low + middle)) / 2 + (0.45 * (middle + high)) / 2 + 0.05 * high
  near(t, number(of('week-quantiles')), expected, 'expected return of the set', 1e-15)
  // The curve through (0.05, low) and (0.5, middle) crosses 0 between them.
  t.ok(low < 0 && middle > 0)
  near(t, of('week-quantiles').details!.probability_up as number, 1 - (0.05 - (low * 0.45) / (middle - low)), 'probability up', 1e-14)
  near(t, of('week-quantiles').details!.tail_spread as number, high - low, 'tail spread', 1e-15)
  t.equal(number(of('week-mean')), 0.75 * week! + 0.25 * number(of('week-quantiles')))

  const market = madeUp('1h', '770')
  const raw = await Promise.all(
    ['day-xgboost-ubj', 'day-sequence-returns', 'day-sequence-features'].map((name) => read(name, '&symbol=MADEUP')),
  )
  t.same(
    raw.map(({ length }) => length),
    [45, 45, 45],
  )
  const blended = foxmlBlend(raw, (bar) => market.close[725 + bar] ?? Number.NaN, { horizonBars: 24, errors: 20 })
  const [alpha, inverse] = [all('day-blend').map(number), all('day-inverse-error').map(number)]
  t.equal(alpha.length, 45)
  alpha.forEach((value, k) => near(t, value, blended.alpha[k]!, `blend of bar ${k}`, 1e-9 * Math.max(1e-3, Math.abs(blended.alpha[k]!))))
  inverse.forEach((value, k) => near(t, value, blended.inverse[k]!, `inverse error of bar ${k}`))
  t.ok(alpha.some((value) => value !== 0))

  const one = of('layer-one-all')
  const minutes = '&symbol=MADEUP&timeframe=1m'
  const { predictions } = (await service.get(`/predictions?model=layer-one.sequence${minutes}`)).json<{ predictions: Prediction[] }>()
  const m = predictions[0]!.y_pred as number[]
  const l = [(await read('layer-one.h1', minutes))[0]!, (await read('layer-one.h2', minutes))[0]!]
  t.same(
    one.y_pred,
    l.map((value, k) => 0.5 * m[k]! + 0.5 * value),
  )
  const { horizons } = one.details as { horizons: { confidence: number; direction: number; percent_change: number }[] }
  horizons.forEach(({ confidence, direction, percent_change }, k) => {
    const [a, b] = [m[k]!, l[k]!]
    const prediction = 0.5 * a + 0.5 * b
    near(t, confidence, 1 - Math.min(Math.abs(a - b) / ((Math.abs(a) + Math.abs(b)) / 2 + 1e-8), 1), 'confidence', 1e-15)
    t.equal(direction, Math.sign(prediction))
    near(t, percent_change, (Math.exp(prediction) - 1) * 100, 'percent change')
  })
}

function signals(t: Test, { of }: Context): void {
  const last = bitcoin.close.length - 1
  const close = bitcoin.close[last]!
  const ranges = Array.from({ length: 14 }, (_, k) => {
    const bar = last - k
    const before = bitcoin.close[bar - 1]!
    return Math.max(bitcoin.high[bar]!, before) - Math.min(bitcoin.low[bar]!, before)
  })
  const atr = ranges.reduce((a, b) => a + b) / 14
  const made = of('week-range-signal')
  const sign = Math.sign(number(made))
  const range = made.details!.signal as Signal
  t.match(range, {
    rule: 'range',
    direction: sign > 0 ? 'LONG' : 'SHORT',
    entry: close,
    inputs: { atr_bars: 14, stop_ranges: 1.5, valid_bars: 2 },
  })
  near(t, range.stop_loss, close - sign * 1.5 * atr, 'stop', 1e-10)
  range.take_profits.forEach(({ price }, k) => near(t, price, close + sign * (k + 1) * atr, `take-profit ${k + 1}`, 1e-10))

  const classes = of('day-crypto-bot-signal')
  const probabilities = classes.y_pred as number[]
  const best = probabilities.indexOf(Math.max(...probabilities))
  const bot = classes.details!.signal as Signal
  t.match(bot, { rule: 'crypto-bot', direction: ['SHORT', 'NO_TRADE', 'LONG'][best], confidence: probabilities[best]! * 100 })
  const away = [-1, 0, 1][best]!
  const entry = close * (1 + away * 0.002)
  near(t, bot.entry, entry, 'entry', 1e-12)
  near(t, bot.stop_loss, entry * (1 - away * 0.01), 'stop', 1e-12)
  t.same(
    bot.take_profits.map(({ price }) => price),
    away === 0 ? [] : [0.02, 0.04, 0.065].map((step) => Math.round(entry * (1 + away * step) * 1e8) / 1e8),
  )
}

interface Signal {
  readonly entry: number
  readonly stop_loss: number
  readonly take_profits: readonly { readonly price: number }[]
}
