import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { predictedSchema, type Prediction } from '../../src/predictions/schema.js'
import { endingAt, mapColumns, readBtcusdt } from '../support/btcusdt.js'
import { type Service, startService, temporaryFolder } from '../support/service.js'
import { addCopy, addEnsemble } from './support/bundles.js'

const all = readBtcusdt()
const lastMs = Date.UTC(2025, 8, 29, 22)
const candles = endingAt(all, lastMs, 726)
const start = (t: Test, models: string) => startService(t, { env: { BARCAST_MODELS: models } })

async function ask({ post }: Service, body: object): Promise<Prediction[]> {
  return predictedSchema.parse((await post(body)).json()).predictions
}

async function replayOf({ app }: Service, { id }: Prediction): Promise<object> {
  return (await app.inject({ method: 'POST', url: `/predictions/${id}/replay` })).json<object>()
}

/** One tree of two leaves: `high` when the first input is above the threshold, else `low`. */
function stump(names: readonly string[], threshold: number, low: number, high: number): string {
  return `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=${names.length - 1}
objective=regression
feature_names=${names.join(' ')}
feature_infos=${names.map(() => '[-10:10]').join(' ')}

Tree=0
num_leaves=2
num_cat=0
split_feature=0
split_gain=1
threshold=${threshold}
decision_type=2
left_child=-1
right_child=-2
leaf_value=${low} ${high}
leaf_weight=1 1
leaf_count=1 1
internal_value=0
internal_weight=2
internal_count=2
is_linear=0
shrinkage=1


end of trees

feature_importances:

parameters:
end of parameters

pandas_categorical:null
`
}

function addStacked(models: string, name: string, members: readonly string[], inputs: readonly string[]): void {
  const text = stump(inputs, 0, -0.25, 0.5)
  const sha256 = createHash('sha256').update(text).digest('hex')
  addEnsemble(models, name, { rule: 'stacked', members }, { output: 'log_return', sha256, horizon_bars: 24 })
  writeFileSync(join(models, name, 'model.txt'), text)
}

t.test('a model whose inputs are the predictions of others', async (t) => {
  const models = temporaryFolder(t)
  addCopy(models, 'btcusdt-logret-168h', 'a')
  addCopy(models, 'btcusdt-move-24h', 'classes')
  addStacked(models, 'meta', ['a', 'classes'], ['a', 'classes.2'])
  addEnsemble(models, 'on-top', { rule: 'mean', members: ['meta'] })
  addStacked(models, 'lost', ['a'], ['a', 'classes.2'])
  const service = await start(t, models)
  const [meta, top] = await ask(service, { models: ['meta', 'on-top'], candles })
  const [a, classes] = await ask(service, { models: ['a', 'classes'], candles })
  t.equal(meta!.y_pred, (a!.y_pred as number) > 0 ? 0.5 : -0.25)
  t.equal(top!.y_pred, meta!.y_pred)
  t.match(meta!.details, { rule: 'stacked', inputs: { a: a!.y_pred, 'classes.2': (classes!.y_pred as number[])[2] } })
  t.match(await replayOf(service, meta!), { result: 'identical' })
  t.match((await service.get('/models/lost')).json(), {
    state: 'refused',
    reason: 'feature-mismatch',
    detail: /no member gives the input classes\.2/,
  })
  t.match((await service.get('/models/meta')).json(), {
    state: 'served',
    features: { names: ['a', 'classes.2'] },
    horizon_bars: 24,
    ensemble: { rule: 'stacked', members: ['a', 'classes'] },
  })
})

t.test('ranked among all symbols', async (t) => {
  const models = temporaryFolder(t)
  addCopy(models, 'btcusdt-logret-168h', 'any', { symbol: undefined })
  addEnsemble(models, 'rank', { rule: 'rank', members: ['any'] })
  const service = await start(t, models)
  const symbols = ['A', 'B', 'C', 'D', 'E']
  const shaped = (k: number) =>
    mapColumns(candles, (values, name) => (name === 'timestamp' ? values : values.map((value, i) => value * (1 + (k * (i % 7)) / 5_000))))
  const values: number[] = []
  for (const [k, symbol] of symbols.entries()) {
    const fixed = shaped(k)
    const high = fixed.high.map((value, i) => Math.max(value, fixed.open[i]!, fixed.close[i]!, fixed.low[i]!))
    const [made] = await ask(service, { model: 'any', symbol, candles: { ...fixed, high } })
    values.push(made!.y_pred as number)
  }
  const order = [...values].sort((x, y) => x - y)
  const expected = [-0.8416212335729142, -0.2533471031357997, 0.2533471031357997, 0.8416212335729142, 3]
  t.equal(new Set(values).size, 5)
  for (const [k, symbol] of symbols.entries()) {
    const [ranked] = await ask(service, { model: 'rank', symbol })
    const place = order.indexOf(values[k]!)
    t.ok(Math.abs((ranked!.y_pred as number) - expected[place]!) < 1e-14, symbol)
    t.equal(ranked!.y_raw, (place + 1) / 5)
    t.match(await replayOf(service, ranked!), { result: 'identical' })
  }
  const [alone] = await ask(service, { model: 'rank', symbol: 'F', candles: endingAt(all, lastMs - 3_600_000, 726) })
  t.match(alone, { y_pred: null, details: { reason: /1 of at least 5/ } })
})
