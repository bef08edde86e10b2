import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { minutesPerRow } from '../../src/features/ml-layer-1/catalogue.js'
import { multiTimeframe } from '../../src/features/multi-timeframe/catalogue.js'
import { readXgboost } from '../../src/models/xgboost/read-xgboost.js'
import { scoreXgboost } from '../../src/models/xgboost/score-xgboost.js'
import { realCandles } from '../../tests/candles/support/real-candles.js'
import { writeTrees } from './lightgbm-text.js'
import { createNormal, createRandom } from './random.js'
import { writeNetwork } from './sequence-network.js'

const samples = fileURLToPath(new URL('../../examples/models', import.meta.url))
const fixtures = fileURLToPath(new URL('../../tests/fixtures', import.meta.url))

export const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const
export const hourly = { baseBars: 720, bufferBars: 6 } as const
/** The crypto-bot layout's window: 300 bars, and one for each of the 59 rows before the last. */
export const networkWindow = { baseBars: 300, bufferBars: 59 } as const

/** Raw scores of a row of the model's inputs, after scaling; from elsewhere than the code that serves. */
export type Reference = (inputs: Float64Array) => readonly number[]

export interface Built {
  /** How many models have a file of their own. */
  readonly nModels: number
  readonly references: ReadonlyMap<string, Reference>
  /** Names of the inputs of the models that name them in a manifest of their own. */
  readonly inputNames: ReadonlyMap<string, readonly string[]>
}

const nWide = 10
const nXgboost = 5

/**
 * Models of mixed families as they may lie on a disk: the seven samples, ten LightGBM models of 440 features (300 trees of 31 leaves), five XGBoost
 * models (300 trees), networks with the arithmetic of crypto_bot's (32 million
 * multiplications) of three symbols in two timeframes, ML layer 1's five horizons (500 trees of 31 leaves,
 * 1,620 inputs), its sequence model, and the ensemble of these six, which has no file.
 */
export async function buildModels(directory: string): Promise<Built> {
  const references = new Map<string, Reference>()
  const inputNames = new Map<string, readonly string[]>()
  await cp(samples, directory, { recursive: true })
  await writeWide()
  await writeXgboost()
  await writeCryptoBot()
  await writeLayerOne()
  const nSamples = (await readdir(samples)).length
  return { nModels: nSamples + nWide + nXgboost + 2 * symbols.length + 6, references, inputNames }

  async function writeWide(): Promise<void> {
    const names = multiTimeframe().names.slice(0, 440)
    const rows = realRows(names)
    for (let k = 0; k < nWide; k++) {
      const random = createRandom(100 + k)
      const threshold = (feature: number) => {
        const value = rows[Math.floor(random() * rows.length)]![feature]!
        // LightGBM's parser does not keep every bit of 1e-100, which some features of real candles come near to.
        return Math.abs(value) > 1e-9 ? value : random()
      }
      const { text, score } = writeTrees({ names, nTrees: 300, nLeaves: 31, seed: k, threshold })
      await bundle(`wide-${k}`, 'model.txt', text, { output: 'log_return', horizon_bars: 24 })
      references.set(`wide-${k}`, (inputs) => [score(inputs)])
      inputNames.set(`wide-${k}`, names)
    }
  }

  /** A model of the real XGBoost, its 30 trees ten times over. The judge of its margins is the reader that the tests compare with XGBoost. */
  async function writeXgboost(): Promise<void> {
    const json = JSON.parse(gunzipSync(await readFile(join(fixtures, 'xgboost/v3/binary.json.gz'))).toString()) as XgboostJson
    const { model } = json.learner.gradient_booster
    const trees = Array.from({ length: 10 }, () => model.trees).flat()
    model.trees = trees.map((tree, id) => ({ ...tree, id }))
    model.tree_info = trees.map(() => 0)
    model.iteration_indptr = Array.from({ length: trees.length + 1 }, (_, k) => k)
    model.gbtree_model_param = { num_parallel_tree: '1', num_trees: String(trees.length) }
    for (let k = 0; k < nXgboost; k++) {
      const names = multiTimeframe().names.slice(8 * k, 8 * k + 8)
      const text = JSON.stringify({ ...json, learner: { ...json.learner, feature_names: names } })
      const stated = { output: 'probability_up', horizon_bars: 24, family: 'xgboost', file: 'trees.json', feature_names: names }
      await bundle(`xgboost-${k}`, 'trees.json', text, stated)
      const read = readXgboost(Buffer.from(text))
      references.set(`xgboost-${k}`, (inputs) => Array.from(scoreXgboost(read, inputs)))
      inputNames.set(`xgboost-${k}`, names)
    }
  }

  async function writeCryptoBot(): Promise<void> {
    for (const [s, symbol] of symbols.entries()) {
      for (const [k, timeframe] of ['15m', '1h'].entries()) {
        const path = join(directory, 'crypto-bot/per_coin', symbol, timeframe)
        await cp(join(fixtures, 'layouts/crypto-bot/per_coin/BTCUSDT/15m'), path, { recursive: true })
        const meta = JSON.parse(await readFile(join(path, 'meta.json'), 'utf8')) as Record<string, unknown>
        await writeFile(join(path, 'meta.json'), JSON.stringify({ ...meta, symbol, timeframe }))
        const network = writeNetwork({ steps: 60, nInputs: 15, hidden: 128, layers: 2, directions: 2, nOutputs: 3, seed: 10 * s + k })
        await writeFile(join(path, 'cnn_lstm_v1.onnx'), network.bytes)
        references.set(`crypto-bot.${symbol.toLowerCase()}.${timeframe}`, network.score)
      }
    }
  }

  async function writeLayerOne(): Promise<void> {
    const path = join(directory, 'layer-one')
    await mkdir(path)
    await cp(join(fixtures, 'layouts/layer-one/normalization_params_v1.json'), join(path, 'normalization_params_v1.json'))
    const names = Array.from({ length: minutesPerRow * 27 }, (_, k) => `Column_${k}`)
    for (let h = 1; h <= 5; h++) {
      const normal = createNormal(createRandom(200 + h))
      const { text, score } = writeTrees({ names, nTrees: 500, nLeaves: 31, seed: 300 + h, threshold: normal })
      await writeFile(join(path, `lgbm_horizon_${h}.txt`), text)
      references.set(`layer-one.h${h}`, (inputs) => [score(inputs)])
    }
    const network = writeNetwork({ steps: minutesPerRow, nInputs: 27, hidden: 64, layers: 4, directions: 1, nOutputs: 5, seed: 400 })
    await writeFile(join(path, 'mamba.onnx'), network.bytes)
    references.set('layer-one.sequence', network.score)
    const members = ['layer-one.sequence', ...[1, 2, 3, 4, 5].map((h) => `layer-one.h${h}`)]
    await mkdir(join(directory, 'layer-one-all'))
    await writeFile(join(directory, 'layer-one-all/model.json'), JSON.stringify({ version: '1', ensemble: { rule: 'layer-one', members } }))
  }

  async function bundle(name: string, file: string, text: string, stated: Readonly<Record<string, unknown>>): Promise<void> {
    const path = join(directory, name)
    const manifest = {
      version: '1',
      symbol: 'BTCUSDT',
      timeframe: '1h',
      features: { catalogue: 'multi-timeframe', base_bars: hourly.baseBars, buffer_bars: hourly.bufferBars },
      ...stated,
      sha256: createHash('sha256').update(text).digest('hex'),
    }
    await mkdir(path)
    await writeFile(join(path, file), text)
    await writeFile(join(path, 'model.json'), JSON.stringify(manifest))
  }
}

interface XgboostJson {
  readonly learner: {
    readonly gradient_booster: {
      readonly model: {
        trees: readonly Readonly<Record<string, unknown>>[]
        tree_info: readonly number[]
        iteration_indptr: readonly number[]
        gbtree_model_param: Readonly<Record<string, string>>
      }
    }
  }
}

/** Feature rows of real bars, where splits may lie. */
function realRows(names: readonly string[]): Float64Array[] {
  const candles = realCandles()
  const plan = multiTimeframe().compile(names, hourly)
  return Array.from({ length: 20 }, (_, k) => {
    const row = new Float64Array(names.length)
    plan.compute(candles, candles.nBars - 1 - 37 * k, row)
    return row
  })
}
