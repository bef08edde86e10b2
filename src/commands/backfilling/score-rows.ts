import type { Prediction } from '../../predictions/schema.js'
import { fetchPredictions } from '../fetch-predictions.js'
import { createProgress } from '../progress.js'
import { ServiceError } from '../service-error.js'
import type { ChosenBars } from './select-by-model.js'
import type { FeatureTable, UserFeatures } from './user-features.js'
import { okLine, skipLine } from './words.js'
import type { FeaturesWork } from './fill-from-features.js'

/** About 900 kB of JSON with 440 features. */
const rowsAtOnce = 100

/**
 * Scores the rows of the bars that were chosen, block by block, and returns how many predictions are new. Prints a line per bar and model: by bar, oldest
 * first, of one bar the models in the order in which they were asked for. A bar that a model has predicted already is not scored again by it.
 */
export type ScoreRows = (chosen: readonly ChosenBars[], table: FeatureTable) => Promise<number>

export function createScoreRows({ context, client, target }: FeaturesWork): ScoreRows {
  const { stdout, signal } = context
  const { symbol, timeframe } = target.series

  return async (chosen, table) => {
    const asked: Asked[] = []
    for (const { model, barsMs } of chosen) {
      asked.push({ model, bars: new Set(barsMs), names: await featureNames(model), there: await predictedBars(model, barsMs) })
    }
    const all = [...new Set(chosen.flatMap(({ barsMs }) => Array.from(barsMs)))].sort((a, b) => a - b)
    const progress = createProgress(context)
    let written = 0
    for (let at = 0; at < all.length; at += rowsAtOnce) {
      signal.throwIfAborted()
      const block = all.slice(at, at + rowsAtOnce)
      const open = block.filter((ms) => asked.some(({ bars, there }) => bars.has(ms) && !there.has(ms)))
      const rows = new Map((await table.rows(open)).map((row) => [row.barTimeMs, row]))
      const outcomes: ((ms: number) => Outcome)[] = []
      for (const each of asked) outcomes.push(await scoreBlock(each, block, rows))
      progress.clear()
      for (const ms of block) {
        asked.forEach(({ model, bars }, k) => {
          if (!bars.has(ms)) return
          const suffix = target.models.length > 1 ? ` model=${model}` : ''
          const outcome = outcomes[k]!(ms)
          if (typeof outcome === 'string') stdout.write(skipLine(ms, outcome, suffix))
          else {
            written++
            stdout.write(okLine(outcome.bar_time, outcome.y_pred, suffix))
          }
        })
      }
      progress.show(at + block.length, all.length, 'bars')
    }
    progress.clear()
    return written
  }

  async function scoreBlock({ model, bars, names, there }: Asked, block: readonly number[], rows: ReadonlyMap<number, UserFeatures>) {
    const usable = block.flatMap((ms) => {
      const row = bars.has(ms) && !there.has(ms) ? rows.get(ms) : undefined
      return row !== undefined && whyNot(row, names) === undefined ? [row] : []
    })
    const answers = await score(model, names, usable)
    return (ms: number): Outcome => {
      const answer = answers.get(ms)
      if (answer instanceof Error) return `prediction failed (${answer.message})`
      return answer ?? (there.has(ms) ? 'prediction already exists' : whyNot(rows.get(ms), names)!)
    }
  }

  async function featureNames(model: string): Promise<readonly string[]> {
    const answer = await client.request('GET', `/models/${encodeURIComponent(model)}`)
    const { features } = await answer.json<{ features: { names: readonly string[] } }>()
    return features.names
  }

  async function predictedBars(model: string, barsMs: Float64Array): Promise<ReadonlySet<number>> {
    const query = { model, symbol, timeframe, from: barsMs[0], to: barsMs.at(-1) }
    const there = new Set<number>()
    for await (const page of fetchPredictions({ client, query, signal })) for (const { bar_time } of page) there.add(Date.parse(bar_time))
    return there
  }

  /** What became of each row; those that are refused together are tried one by one, so that one bad row stops no other. */
  async function score(model: string, names: readonly string[], rows: readonly UserFeatures[]): Promise<Map<number, Prediction | Error>> {
    const results = new Map<number, Prediction | Error>()
    for (const [key, ofKey] of byKey(rows)) {
      try {
        for (const prediction of await post(model, names, key, ofKey)) results.set(Date.parse(prediction.bar_time), prediction)
      } catch (error) {
        if (!(error instanceof ServiceError) || error.status > 499) throw error
        if (ofKey.length === 1) results.set(ofKey[0]!.barTimeMs, error)
        else for (const row of ofKey) for (const [ms, result] of await score(model, names, [row])) results.set(ms, result)
      }
    }
    return results
  }

  async function post(model: string, names: readonly string[], key: string, rows: readonly UserFeatures[]): Promise<readonly Prediction[]> {
    const features = {
      columns: names,
      rows: rows.map(({ values }) => names.map((name) => toCell(values.get(name)!))),
      timestamps: rows.map(({ barTimeMs }) => barTimeMs),
    }
    const body = { model, symbol, timeframe, origin: 'backfill', feature_key: key, features }
    const answer = await client.request('POST', '/predict', { body })
    return (await answer.json<{ predictions: readonly Prediction[] }>()).predictions
  }
}

/** What is asked of one model. */
interface Asked {
  readonly model: string
  /** Open times. */
  readonly bars: ReadonlySet<number>
  /** The model's features. */
  readonly names: readonly string[]
  /** Bars that it has predicted already. */
  readonly there: ReadonlySet<number>
}

/** A prediction, or why there is none. */
type Outcome = Prediction | string

/** Why a row cannot be scored by a model of these features; undefined when it can. */
function whyNot(row: UserFeatures | undefined, names: readonly string[]): string | undefined {
  if (row?.problem !== undefined) return row.problem
  if (row === undefined || row.values.size + row.others.size === 0) return 'no features found'
  const bad = names.filter((name) => row.others.has(name))
  if (bad.length > 0) {
    const shown = bad.slice(0, 10).map((name) => `${name} is ${row.others.get(name)}`)
    return `${bad.length} features are no numbers: ${shown.join(', ')}${bad.length > 10 ? ', …' : ''}`
  }
  const missing = names.filter((name) => !row.values.has(name))
  if (missing.length === 0) return undefined
  return `missing ${missing.length} required features (first 10): [${missing
    .slice(0, 10)
    .map((name) => `'${name}'`)
    .join(', ')}]`
}

function byKey(rows: readonly UserFeatures[]): Map<string, UserFeatures[]> {
  const groups = new Map<string, UserFeatures[]>()
  for (const row of rows) groups.set(row.featureKey, [...(groups.get(row.featureKey) ?? []), row])
  return groups
}

/** JSON has neither NaN nor infinities. */
function toCell(value: number): number | null | string {
  return Number.isFinite(value) ? value : Number.isNaN(value) ? null : value > 0 ? 'inf' : '-inf'
}
