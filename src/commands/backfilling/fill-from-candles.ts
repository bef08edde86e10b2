import type { BackfillAnswer, BackfillPlanAnswer } from '../../backfills/schema.js'
import { runJob } from './run-job.js'
import { sendUserCandles } from './send-user-candles.js'
import { selectByModel } from './select-by-model.js'
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

/** Bars are chosen among those of the file, so that a dry run needs to store nothing. */
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
  for (const { models, barsMs } of sameBars(chosen)) {
    if (barsMs.length === 0) continue
    const bars =
      wanted.mode === 'ts_list'
        ? { mode: 'ts_list', timestamps: Array.from(barsMs) }
        : { mode: 'window', from: barsMs[0], to: barsMs[barsMs.length - 1] }
    jobs.push(await (await client.request('POST', '/backfills', { body: { ...target.series, models, ...bars } })).json<BackfillAnswer>())
  }
  await finish(work, jobs)
}

async function finish(work: Work, jobs: readonly BackfillAnswer[]): Promise<void> {
  const { stdout } = work.context
  const planned = jobs.flatMap(({ models }) => models).filter(({ bars }) => bars > 0)
  if (planned.length === 0) return void stdout.write(`${noTargets}\n`)
  for (const { model, bars, from, to } of planned) {
    stdout.write(foundLine({ bars, from: from!, to: to! }) + planLine({ model, bars, key, dataset: work.dataset }))
  }
  let written = 0
  for (const job of jobs) written += (await runJob(work, job)).written
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

/** Models with the same bars make one job, so that their features are computed once. */
function sameBars(chosen: readonly { model: string; barsMs: Float64Array }[]): { models: string[]; barsMs: Float64Array }[] {
  const groups: { models: string[]; barsMs: Float64Array }[] = []
  for (const { model, barsMs } of chosen) {
    const group = groups.find((each) => each.barsMs.length === barsMs.length && each.barsMs.every((ms, k) => ms === barsMs[k]))
    if (group === undefined) groups.push({ models: [model], barsMs })
    else group.models.push(model)
  }
  return groups
}
