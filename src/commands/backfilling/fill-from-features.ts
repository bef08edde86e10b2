import { cutoffMs, rangeOf } from '../../backfills/select-bars.js'
import type { Frame } from '../../candles/frame.js'
import { BAD_INPUT, DONE } from '../../exit-codes.js'
import { fetchCandles } from '../fetch-candles.js'
import { checkConsistency } from './check-consistency.js'
import { createScoreRows } from './score-rows.js'
import { type ChosenBars, selectByModel } from './select-by-model.js'
import { sendUserCandles } from './send-user-candles.js'
import { readUserCandles } from './user-candles.js'
import { type FeatureTable, withUserFeatures } from './user-features.js'
import { completeLine, noTargets, foundLine, planLine, stamp } from './words.js'
import type { Work } from './work.js'

export interface FeaturesWork extends Work {
  readonly featuresDb: string
  /** The table in it. */
  readonly featuresTable: string | undefined
  readonly featureKey: string | undefined
}

/**
 * Scores feature values of the user's file. Nothing is written before every bar of every model was found to have both candles and features.
 * @returns the exit code
 */
export async function fillFromFeatures(work: FeaturesWork): Promise<number> {
  const { context, featuresDb, featuresTable, featureKey, candlesDb, wanted, target } = work
  const { stdout, stderr } = context
  const key = featureKey ?? 'most_recent'
  return withUserFeatures({ path: featuresDb, table: featuresTable, featureKey }, async (table) => {
    const frame =
      candlesDb === undefined
        ? undefined
        : await readUserCandles({ path: candlesDb, table: work.table, series: target.series, nowMs: context.nowMs() })
    const chosen = await selectByModel(work, frame?.openTimeMs ?? (await storedTimes(work)))
    const planned = chosen.filter(({ barsMs }) => barsMs.length > 0)
    for (const { barsMs } of planned) stdout.write(foundLine({ bars: barsMs.length, from: barsMs[0]!, to: barsMs[barsMs.length - 1]! }))
    for (const bars of chosen) {
      const problem = checkConsistency({
        candlesMs: Array.from(bars.barsMs),
        featuresMs: await featureTimes(work, table, bars),
        featureKey,
      })
      if (problem === undefined) continue
      stderr.write(problem)
      return BAD_INPUT
    }
    if (table.timeless > 0) stderr.write(`WARNING: ${table.timeless} rows whose ts is no time are left out\n`)
    if (planned.length === 0) {
      stdout.write(`${noTargets}\n`)
      return DONE
    }
    if (featureKey === undefined) await warnOfKeys(work, table, planned)
    for (const { model, barsMs } of planned) {
      stdout.write(planLine({ model, bars: barsMs.length, key, dataset: work.dataset }))
      if (wanted.isDryRun) stdout.write(Array.from(barsMs, (ms) => `  - ${stamp(ms)}\n`).join(''))
    }
    if (wanted.isDryRun) return DONE
    if (frame !== undefined) await sendUserCandles(work, frame)
    const written = await createScoreRows(work)(planned, table)
    stdout.write(
      completeLine(
        written,
        planned.reduce((sum, { barsMs }) => sum + barsMs.length, 0),
      ),
    )
    return DONE
  })
}

/** Values of several keys may come from several versions of a pipeline. */
async function warnOfKeys({ context }: Work, table: FeatureTable, planned: readonly ChosenBars[]): Promise<void> {
  const keys = await table.keys([...new Set(planned.flatMap(({ barsMs }) => Array.from(barsMs)))])
  if (keys.length < 2) return
  const shares = keys.map(({ key, count }) => `${key} (${count})`)
  context.stderr.write(`WARNING: features of ${keys.length} keys are taken: ${shares.join(', ')}; --feature-key names one\n`)
}

/** Bars that have features, among those that the model was asked for: of its range, or of the list. */
async function featureTimes({ wanted }: Work, table: FeatureTable, { standing, barsMs }: ChosenBars): Promise<number[]> {
  const range = rangeOf(wanted, standing)
  const atMost = wanted.atMost ?? 0
  // Of a selection that was cut off, what comes after it was not asked for.
  const toMs = atMost > 0 && barsMs.length === atMost ? barsMs[barsMs.length - 1]! : range.toMs
  if (!(range.fromMs <= toMs)) return []
  const found = await table.bars(range.fromMs, Math.min(toMs, cutoffMs(standing)))
  if (wanted.timestampsMs === undefined) return found
  const listed = new Set(wanted.timestampsMs)
  return found.filter((ms) => listed.has(ms))
}

/** Open times of the stored candles. */
async function storedTimes({ client, target, context }: Work): Promise<Frame['openTimeMs']> {
  const times: number[] = []
  const range = { fromMs: -Infinity, toMs: Infinity }
  for await (const page of fetchCandles({ client, series: target.series, range, signal: context.signal })) {
    for (const { timestamp } of page) times.push(Date.parse(timestamp))
  }
  return Float64Array.from(times)
}
