import { cutSpans } from '../../backfills/cut-spans.js'
import type { OrderedModel } from '../../backfills/order.js'
import type { BackfillAnswer, BackfillPlanAnswer } from '../../backfills/schema.js'
import { durationMs, type Timeframe } from '../../candles/timeframe.js'
import { cancelJob, runJob } from './run-job.js'
import { sendUserCandles } from './send-user-candles.js'
import { type ChosenBars, selectByModel } from './select-by-model.js'
import { readUserCandles } from './user-candles.js'
import { completeLine, noTargets, foundLine, planLine, stamp } from './words.js'
import type { Wanted, Work } from './work.js'

/** What stands where the key of stored features would: they are computed from candles. */
const key = 'computed'

/** Predicts from candles: those that are stored, or those of the user's file, which are stored first. */
export async function fillFromCandles(work: Work): Promise<void> {
  const { context, client, target, wanted } = work
  if (work.candlesDb !== undefined) return fillFromUserCandles(work, work.candlesDb)
  const body = { ...target.series, models: target.models, ...requestOf(wanted), dry_run: wanted.isDryRun }
  const answer = await (await client.request('POST', '/backfills', { body })).json<BackfillPlanAnswer | BackfillAnswer>()
  for (const note of answer.notes) context.stderr.write(`${note}\n`)
  if ('dry_run' in answer) return listPlan(work, answer.models)
  await finish(work, [answer])
}

/**
 * Bars are chosen among those of the file, so that a dry run needs to store nothing. One job per span of bars that the same models predict, oldest first, so
 * that the lines come by bar and features are computed once.
 */
async function fillFromUserCandles(work: Work, path: string): Promise<void> {
  const { client, target, wanted, context } = work
  const frame = await readUserCandles({ path, table: work.table, series: target.series, nowMs: context.nowMs() })
  const chosen = await selectByModel(work, frame.openTimeMs)
  if (wanted.isDryRun) {
    return listPlan(
      work,
      chosen.map(({ model, barsMs }) => ({ model, timestamps: Array.from(barsMs, (ms) => new Date(ms).toISOString()) })),
    )
  }
  await sendUserCandles(work, frame)
  const jobs: BackfillAnswer[] = []
  for (const { models, fromMs, toMs } of cutSpans(chosen.map(toOrdered), durationMs(target.series.timeframe as Timeframe))) {
    const listed = chosen[0]!.barsMs.filter((ms) => fromMs <= ms && ms <= toMs)
    const bars =
      wanted.mode === 'ts_list' ? { mode: 'ts_list', timestamps: Array.from(listed) } : { mode: 'window', from: fromMs, to: toMs }
    jobs.push(await (await client.request('POST', '/backfills', { body: { ...target.series, models, ...bars } })).json<BackfillAnswer>())
  }
  await finish(work, jobs)
}

async function finish(work: Work, jobs: readonly BackfillAnswer[]): Promise<void> {
  const { stdout } = work.context
  const planned = plannedBy(jobs)
  if (planned.length === 0) return void stdout.write(`${noTargets}\n`)
  for (const { model, bars, from, to } of planned) {
    stdout.write(foundLine({ bars, from, to }) + planLine({ model, bars, key, dataset: work.dataset }))
  }
  let written = 0
  for (const [k, job] of jobs.entries()) {
    try {
      written += (await runJob(work, job)).written
    } catch (error) {
      for (const later of jobs.slice(k + 1)) await cancelJob(work.client, later)
      throw error
    }
  }
  stdout.write(
    completeLine(
      written,
      planned.reduce((sum, { bars }) => sum + bars, 0),
    ),
  )
}

function listPlan({ context: { stdout }, dataset }: Work, models: readonly { model: string; timestamps: readonly string[] }[]): void {
  const planned = models.filter(({ timestamps }) => timestamps.length > 0)
  if (planned.length === 0) stdout.write(`${noTargets}\n`)
  for (const { model, timestamps } of planned) {
    const bars = timestamps.length
    stdout.write(foundLine({ bars, from: timestamps[0]!, to: timestamps.at(-1)! }) + planLine({ model, bars, key, dataset }))
    stdout.write(timestamps.map((time) => `  - ${stamp(time)}\n`).join(''))
  }
}

function requestOf({ mode, fromMs, toMs, timestampsMs, atMost }: Wanted): Record<string, unknown> {
  return { mode, from: fromMs, to: toMs, timestamps: timestampsMs, at_most: atMost }
}

function toOrdered({ model, barsMs }: ChosenBars): OrderedModel {
  return { model, bars: barsMs.length, fromMs: barsMs[0] ?? null, toMs: barsMs[barsMs.length - 1] ?? null }
}

/** What jobs, oldest bars first, have planned of each model, in the order of the models. */
function plannedBy(jobs: readonly BackfillAnswer[]): { model: string; bars: number; from: string; to: string }[] {
  const byModel = new Map<string, { model: string; bars: number; from: string; to: string }>()
  for (const { model, bars, from, to } of jobs.flatMap(({ models }) => models)) {
    if (bars === 0 || from === null || to === null) continue
    const known = byModel.get(model)
    byModel.set(model, { model, bars: (known?.bars ?? 0) + bars, from: known?.from ?? from, to })
  }
  return [...byModel.values()]
}
