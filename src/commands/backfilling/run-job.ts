import { setTimeout } from 'node:timers/promises'
import type { BackfillAnswer } from '../../backfills/schema.js'
import type { NotesPage } from '../../jobs/notes.js'
import { createProgress } from '../progress.js'
import { okLine, skipLine } from './words.js'
import type { Work } from './work.js'

/** One line of GET /backfills/:id/lines. */
interface BarLine {
  readonly model: string
  readonly bar_time: string
  readonly result: 'written' | 'known' | 'skipped'
  readonly y_pred?: number | null | readonly (number | null)[]
  readonly detail?: string
}

const askEveryMs = 150

/**
 * Follows a backfill job to its end, and prints a line per bar. When the command is stopped, so is the job.
 * @throws Error when the job failed, or somebody else cancelled it
 */
export async function runJob(
  { context, client, target }: Pick<Work, 'context' | 'client' | 'target'>,
  job: BackfillAnswer,
): Promise<NonNullable<BackfillAnswer['result']>> {
  const { stdout, signal } = context
  const path = `/backfills/${job.id}`
  const progress = createProgress(context)
  const withModel = target.models.length > 1
  try {
    for (let next = 0, ended = false; !ended;) {
      signal.throwIfAborted()
      const page = await (
        await client.request('GET', `${path}/lines`, { query: { from: next, limit: 2_000 } })
      ).json<NotesPage & { ended: boolean }>()
      if (page.lines.length > 0 || page.lost > 0) progress.clear()
      if (page.lost > 0) stdout.write(`(${page.lost} lines are not kept any more)\n`)
      stdout.write(page.lines.map((line) => wordOf(line as unknown as BarLine, withModel)).join(''))
      next = page.next
      ended = page.ended
      if (page.lines.length < 2_000 && !ended) {
        const { progress: now } = await (await client.request('GET', path)).json<BackfillAnswer>()
        progress.show(now.done, now.planned, 'bars')
        await setTimeout(askEveryMs, undefined, { signal })
      }
    }
    progress.clear()
    const { state, result, error } = await (await client.request('GET', path)).json<BackfillAnswer>()
    if (result !== null) return result
    throw new Error(error === null ? `the backfill ${job.id} is ${state}` : `[ERROR] ${error.detail} [${error.code}]`)
  } catch (error) {
    progress.clear()
    if (signal.aborted) await cancelJob(client, job)
    throw error
  }
}

/** Of a command that was stopped: its own signal has been aborted. */
export async function cancelJob(client: Work['client'], { id }: BackfillAnswer): Promise<void> {
  await client.request('POST', `/backfills/${id}/cancel`, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
}

function wordOf({ model, bar_time, result, y_pred = null, detail = '' }: BarLine, withModel: boolean): string {
  const suffix = withModel ? ` model=${model}` : ''
  switch (result) {
    case 'written':
      return okLine(bar_time, y_pred, suffix)
    case 'known':
      return skipLine(bar_time, 'prediction already exists', suffix)
    case 'skipped':
      return skipLine(bar_time, `insufficient/irregular history window (${detail})`, suffix)
  }
}
