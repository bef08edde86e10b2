import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { onnx } from '../../../src/models/families/onnx.js'
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

t.test('trees in ONNX score what is missing', { skip: noOnnxruntime }, (t) => {
  familyContract(t, onnx, { precision: 'float32', missing: 'is scored', tolerance: 1e-6, saysDisposed: true, wrong: {} }, [
    example('horizon-2', 'layer-one/lgbm_horizon_2.onnx', [1620]),
  ])
  t.end()
})
