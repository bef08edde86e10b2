import type { Prediction } from '../../predictions/schema.js'
import { fetchPredictions } from '../fetch-predictions.js'
import { createProgress } from '../progress.js'
import { ServiceError } from '../service-error.js'
import type { FeatureTable, UserFeatures } from './user-features.js'
import { okLine, skipLine } from './words.js'
import type { FeaturesWork } from './fill-from-features.js'

/** About 900 kB of JSON with 440 features. */
const rowsAtOnce = 100

/**
 * Scores the rows of some bars by one model, block by block, prints a line per bar and returns how many predictions are new. A bar that the
 * model has predicted already is never scored again.
 */
export type ScoreRows = (model: string, barsMs: readonly number[], table: FeatureTable) => Promise<number>

export function createScoreRows({ context, client, target, featureKey }: FeaturesWork): ScoreRows {
  const { stdout, stderr, signal } = context
  const { symbol, timeframe } = target.series

  return async (model, barsMs, table) => {
    const suffix = target.models.length > 1 ? ` model=${model}` : ''
    const names = await featureNames(model)
    const there = await predictedBars(model, barsMs)
    const progress = createProgress(context)
    const keys = new Map<string, number>()
    let written = 0
    for (let at = 0; at < barsMs.length; at += rowsAtOnce) {
      signal.throwIfAborted()
      const block = barsMs.slice(at, at + rowsAtOnce)
      const rows = new Map((await table.rows(block.filter((ms) => !there.has(ms)))).map((row) => [row.barTimeMs, row]))
      const usable = [...rows.values()].filter(({ values }) => values.size > 0 && names.every((name) => values.has(name)))
      for (const { featureKey: key } of usable) keys.set(key, (keys.get(key) ?? 0) + 1)
      const answers = await score(model, names, usable)
      progress.clear()
      for (const ms of block) {
        const answer = answers.get(ms)
        if (answer instanceof Error) stdout.write(skipLine(ms, `prediction failed (${answer.message})`, suffix))
        else if (answer !== undefined) {
          written++
          stdout.write(okLine(answer.bar_time, answer.y_pred, suffix))
        } else stdout.write(skipLine(ms, there.has(ms) ? 'prediction already exists' : whyNot(rows.get(ms), names), suffix))
      }
      progress.show(at + block.length, barsMs.length, 'bars')
    }
    progress.clear()
    if (featureKey === undefined && keys.size > 1) {
      const shares = [...keys].map(([key, count]) => `${key} (${count})`)
      stderr.write(`WARNING: features of ${keys.size} keys were scored: ${shares.join(', ')}; --feature-key names one\n`)
    }
    return written
  }

  async function featureNames(model: string): Promise<readonly string[]> {
    const answer = await client.request('GET', `/models/${encodeURIComponent(model)}`)
    const { features } = await answer.json<{ features: { names: readonly string[] } }>()
    return features.names
  }

  async function predictedBars(model: string, barsMs: readonly number[]): Promise<ReadonlySet<number>> {
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

function whyNot(row: UserFeatures | undefined, names: readonly string[]): string {
  if (row === undefined || row.values.size === 0) return 'no features found'
  const missing = names.filter((name) => !row.values.has(name))
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
