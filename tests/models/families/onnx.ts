import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createOnnx, onnx } from '../../../src/models/families/onnx.js'
import { manifestOf } from '../../../src/models/layouts/manifest-of.js'
import { layouts } from '../support/layouts.js'
import { noOnnxruntime } from '../support/onnxruntime.js'
import { type Example, familyContract } from './support/contract.js'

const golden = JSON.parse(readFileSync(join(layouts, 'golden.json'), 'utf8')) as Record<string, number[][]>

/** A model of the fixtures with three rows, of which onnxruntime in Python told the scores: value k of row r is float32(sin(r + k/7)). */
function example(key: string, path: string, shape: readonly number[]): Example {
  const nInputs = shape.reduce((product, size) => product * size, 1)
  return {
    title: key,
    bytes: readFileSync(join(layouts, path)),
    manifest: { onnx: { input: undefined, output: undefined, shape } },
    names: undefined,
    nInputs,
    nOutputs: golden[key]![0]!.length,
    rows: Float64Array.from({ length: 3 * nInputs }, (_, k) => Math.fround(Math.sin(Math.floor(k / nInputs) + (k % nInputs) / 7))),
    raw: Float64Array.from(golden[key]!.flat()),
  }
}

const plain = {
  version: '1',
  timeframe: '1h',
  features: { catalogue: 'multi-timeframe', baseBars: 1, bufferBars: 0 },
  output: 'score',
  horizonBars: 1,
  family: 'onnx',
} as const

const lstm = () => example('lstm', 'foxml-run/targets/fwd_ret_60m/models/view=CROSS_SECTIONAL/family=LSTM/model.onnx', [64, 5])

t.test('the contract of families', { skip: noOnnxruntime }, (t) => {
  familyContract(
    t,
    onnx,
    {
      precision: 'float32',
      missing: 'spreads',
      // The order of sums is the runtime's.
      tolerance: 1e-6,
      saysDisposed: true,
      wrong: {},
    },
    [
      lstm(),
      example('mamba', 'layer-one/mamba.onnx', [60, 27]),
      example('network', 'crypto-bot/per_coin/BTCUSDT/15m/cnn_lstm_v1.onnx', [60, 15]),
    ],
  )
  t.end()
})

t.test('prepared more than once, and runs that overlap: each has its own answer', { skip: noOnnxruntime }, async (t) => {
  onnx.prepare!()
  onnx.prepare!()
  const { bytes, manifest, nInputs, nOutputs, rows, raw } = lstm()
  const scorers = await Promise.all([1, 2].map(() => onnx.open(bytes, manifestOf({ ...plain, ...manifest }))))
  t.teardown(() => scorers.forEach((scorer) => scorer.dispose()))
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, k) => scorers[k % 2]!.scoreLater!(rows.slice((k % 3) * nInputs, ((k % 3) + 1) * nInputs))),
  )
  answers.forEach(({ raw: got }, k) => {
    t.equal(got.length, nOutputs)
    t.ok(Math.abs(got[0]! - raw[(k % 3) * nOutputs]!) <= 1e-6, `run ${k}`)
  })
  const late = scorers[0]!.scoreLater!(rows.slice(0, nInputs))
  scorers[0]!.dispose()
  t.ok(Math.abs((await late).raw[0]! - raw[0]!) <= 1e-6, 'what was asked before it was let go of is answered')
})

t.test('trees in ONNX score what is missing', { skip: noOnnxruntime }, (t) => {
  familyContract(t, onnx, { precision: 'float32', missing: 'is scored', tolerance: 1e-6, saysDisposed: true, wrong: {} }, [
    example('horizon-2', 'layer-one/lgbm_horizon_2.onnx', [1620]),
  ])
  t.end()
})

/** Adds one to the sum of a row's two values, over and over: `always` 10^13 times, `asked` as often as the first value of the first row says. */
const loops = (name: 'always' | 'asked') => readFileSync(join(import.meta.dirname, '../../fixtures/onnx', `${name}.onnx`))

t.test('a model that never ends is refused, and the others are served on', { skip: noOnnxruntime }, async (t) => {
  const family = createOnnx({ proofMs: 500 })
  const sound = await family.open(loops('asked'), manifestOf(plain))
  t.teardown(() => sound.dispose())
  const [hostile, beside] = await Promise.allSettled([
    family.open(loops('always'), manifestOf(plain)),
    family.open(loops('asked'), manifestOf(plain)),
  ])
  t.match(hostile, { reason: { reason: 'bad-model', message: 'the ONNX model is not served: its proof run took more than 0.5 s' } })
  t.equal(beside.status, 'fulfilled', 'one that was asked meanwhile is opened')
  t.same((await sound.scoreLater!(Float64Array.of(3, 4))).raw, Float64Array.of(10), 'one that was open before is opened again')
})

t.test('a run that never ends: its model rests, the others and what they were asked go on', { skip: noOnnxruntime }, async (t) => {
  const family = createOnnx({ runMs: 500, restMs: 60_000 })
  const [hostile, sound] = await Promise.all([1, 2].map(() => family.open(loops('asked'), manifestOf(plain))))
  t.teardown(() => [hostile!, sound!].forEach((scorer) => scorer.dispose()))
  const long = hostile!.scoreLater!(Float64Array.of(1e13, 0))
  const queued = [1, 2, 3].map((k) => sound!.scoreLater!(Float64Array.of(k, 0)))
  await t.rejects(long, { code: 'model-unavailable', extras: { reason: 'too-long' }, retryAfterSeconds: 60 })
  t.same(
    await Promise.all(queued),
    [2, 4, 6].map((raw) => ({ raw: Float64Array.of(raw), pred: Float64Array.of(raw) })),
  )
  await t.rejects(hostile!.scoreLater!(Float64Array.of(1, 0)), { code: 'model-unavailable' }, 'it is not asked again at once')
})
