import { allCatalogues } from '../../src/features/catalogues.js'
import { flatName, minutesPerRow } from '../../src/features/ml-layer-1/catalogue.js'
import { minuteFeatures } from '../../src/features/ml-layer-1/minute-features.js'
import { cryptoBot } from '../../src/features/crypto-bot/catalogue.js'
import { sequenceNames } from '../../src/features/with-history.js'
import type { Frame } from '../../src/candles/frame.js'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Built, hourly, networkWindow, symbols } from './directory.js'
import { bodyOf } from './walk.js'

export interface Frames {
  readonly hours: Frame
  readonly quarters: Frame
  readonly minutes: Frame
}

/** An answer of POST /predict, as far as it is looked at. */
interface Answer {
  readonly predictions?: readonly {
    readonly y_raw: number | readonly number[]
    readonly y_pred: number | readonly number[]
    readonly details: { readonly horizons?: readonly { readonly horizon_bars: number; readonly prediction: number }[] } | null
  }[]
}

const networkTolerance = 1e-4

/**
 * Asks every model that was written here for one bar, and compares with what it is worth by other code: trees to the bit, networks to 0.0001 (their
 * runtime adds float32). Answers how many were compared.
 * @throws Error that names the first difference
 */
export async function checkAnswers(url: string, directory: string, { references, inputNames }: Built, frames: Frames): Promise<number> {
  let compared = 0
  for (const [model, reference] of references) {
    const { frame, windowBars, inputs, isNetwork } = await inputsOf(model)
    const body = bodyOf(frame, frame.nBars - 1, windowBars, { model, ...(model.startsWith('layer-one') && { symbol: 'BTCUSDT' }) })
    const got = [(await ask(url, body)).predictions?.[0]?.y_raw].flat()
    const expected = reference(inputs)
    const far = expected.findIndex((value, k) => !(Math.abs(value - (got[k] as number)) <= (isNetwork ? networkTolerance : 0)))
    if (got.length !== expected.length || far >= 0) throw new Error(`${model}: ${got.join(', ')} is not ${expected.join(', ')}`)
    compared++
  }
  return compared + (await checkEnsemble())

  async function checkEnsemble(): Promise<number> {
    const { minutes } = frames
    const body = bodyOf(minutes, minutes.nBars - 1, minutesPerRow, { model: 'layer-one-all', symbol: 'BTCUSDT' })
    const [made] = (await ask(url, body)).predictions ?? []
    const sequence = references.get('layer-one.sequence')!((await inputsOf('layer-one.sequence')).inputs)
    for (let h = 1; h <= 5; h++) {
      const [tree] = references.get(`layer-one.h${h}`)!((await inputsOf(`layer-one.h${h}`)).inputs)
      const expected = 0.5 * sequence[h - 1]! + 0.5 * tree!
      const got = made?.details?.horizons?.find(({ horizon_bars }) => horizon_bars === h)?.prediction ?? NaN
      if (!(Math.abs(got - expected) <= networkTolerance)) throw new Error(`layer-one-all, horizon ${h}: ${got} is not ${expected}`)
    }
    return 1
  }

  async function inputsOf(model: string) {
    if (model.startsWith('layer-one')) {
      const names = Array.from({ length: minutesPerRow }, (_, minute) => minuteFeatures.map(({ name }) => flatName(minute, name))).flat()
      const row = compute('ml-layer-1', names, { baseBars: minutesPerRow, bufferBars: 0 }, frames.minutes)
      const { mean, std } = await readJson<{ mean: number[]; std: number[] }>('layer-one/normalization_params_v1.json')
      const inputs = row.map((value, k) => {
        const deviation = std[k % 27]! <= 1e-10 ? 1 : std[k % 27]!
        return Math.max(-10, Math.min(10, (value - mean[k % 27]!) / deviation))
      })
      return { frame: frames.minutes, windowBars: minutesPerRow, inputs, isNetwork: model.endsWith('sequence') }
    }
    if (model.startsWith('crypto-bot')) {
      const [, symbol, timeframe] = model.split('.') as [string, string, string]
      const frame = timeframe === '15m' ? frames.quarters : frames.hours
      const row = compute('crypto-bot', sequenceNames(cryptoBot().names, 60), networkWindow, frame)
      const scaler = await readJson<{ mean: number[]; scale: number[] }>(
        `crypto-bot/per_coin/${symbol.toUpperCase()}/${timeframe}/scaler.json`,
      )
      const inputs = row.map((value, k) => (Math.fround(value) - scaler.mean[k % 15]!) / scaler.scale[k % 15]!)
      return { frame, windowBars: networkWindow.baseBars + networkWindow.bufferBars, inputs, isNetwork: true }
    }
    const inputs = compute('multi-timeframe', inputNames.get(model)!, hourly, frames.hours)
    return { frame: frames.hours, windowBars: hourly.baseBars + hourly.bufferBars, inputs, isNetwork: false }
  }

  async function readJson<Json>(path: string): Promise<Json> {
    return JSON.parse(await readFile(join(directory, path), 'utf8')) as Json
  }
}

/** One of crypto_bot's models per symbol, and its body. */
export function networkBodies(quarters: Frame, lastBar: number): string[] {
  const windowBars = networkWindow.baseBars + networkWindow.bufferBars
  return symbols.map((symbol) => bodyOf(quarters, lastBar, windowBars, { model: `crypto-bot.${symbol.toLowerCase()}.15m` }))
}

export async function ask(url: string, body: string, query = '?store=false'): Promise<Answer> {
  const response = await fetch(`${url}/predict${query}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status}: ${text.slice(0, 500)}`)
  return JSON.parse(text) as Answer
}

function compute(
  catalogue: string,
  names: readonly string[],
  window: { baseBars: number; bufferBars: number },
  frame: Frame,
): Float64Array {
  const plan = allCatalogues()
    .find(({ name }) => name === catalogue)!
    .compile(names, window)
  const row = new Float64Array(names.length)
  plan.compute(frame, frame.nBars - 1, row)
  return row
}
