import { z } from 'zod'

export const shownStates = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const

const time = (of: string) => z.string().describe(`${of}; ISO 8601, UTC, milliseconds.`)

/** What every job answers beside its progress and its result. */
export const jobFields = {
  id: z.string().describe('Names the job.'),
  state: z
    .enum(shownStates)
    .describe('waiting: other jobs run first; running (it goes on after a restart); done; failed: `error` says why; cancelled.'),
  error: z
    .strictObject({
      code: z.string().describe('Code of a problem; docs/errors.md lists them.'),
      detail: z.string().describe('What went wrong.'),
    })
    .nullable()
    .describe('Why the job failed; null otherwise.'),
  created_at: time('When it was asked for'),
  updated_at: time('When it got on last'),
} as const

/** What a job noted, line by line. */
export const jobNotesSchema = z.strictObject({
  lines: z.array(z.looseObject({})).describe('Oldest first, one per bar and model.'),
  next: z.int().min(0).describe('Ask from here for the lines that come later.'),
  lost: z.int().min(0).describe('Lines from the asked number on that are not kept any more, count.'),
  ended: z.boolean().describe('True: no more lines will come after these.'),
})
