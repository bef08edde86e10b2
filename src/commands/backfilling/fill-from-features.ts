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
  readonly featureKey: string | undefined
}

/**
 * Scores feature values of the user's file. Nothing is written before every bar of every model was found to have both candles and features.
 * @returns the exit code
 */
export async function fillFromFeatures(work: FeaturesWork): Promise<number> {
  const { context, featuresDb, featureKey, candlesDb, wanted, target } = work
  const { stdout, stderr } = context
  const key = featureKey ?? 'most_recent'
  return withUserFeatures(featuresDb, featureKey, async (table) => {
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
    if (planned.length === 0) {
      stdout.write(`${noTargets}\n`)
      return DONE
    }
    for (const { model, barsMs } of planned) {
      stdout.write(planLine({ model, bars: barsMs.length, key, dataset: work.dataset }))
      if (wanted.isDryRun) stdout.write(Array.from(barsMs, (ms) => `  - ${stamp(ms)}\n`).join(''))
    }
    if (wanted.isDryRun) return DONE
    if (frame !== undefined) await sendUserCandles(work, frame)
    const scoreRows = createScoreRows(work)
    let written = 0
    for (const { model, barsMs } of planned) written += await scoreRows(model, Array.from(barsMs), table)
    stdout.write(
      completeLine(
        written,
        planned.reduce((sum, { barsMs }) => sum + barsMs.length, 0),
      ),
    )
    return DONE
  })
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
