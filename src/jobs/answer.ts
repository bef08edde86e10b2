import type { z } from 'zod'
import { iso } from '../iso.js'
import type { JsonObject } from './job-kind.js'
import type { Job } from './runner.js'
import type { jobFields } from './schema.js'

/** The members that answers of all kinds of jobs share. */
export type JobAnswer = { -readonly [Name in keyof typeof jobFields]: z.output<(typeof jobFields)[Name]> }

export function toJobAnswer({ id, state, result, createdAtMs, updatedAtMs }: Job): JobAnswer {
  return { id, state, error: errorOf(result), created_at: iso(createdAtMs), updated_at: iso(updatedAtMs) }
}

/** The result of a job that is done; null for others. */
export function resultOf({ state, result }: Job): JsonObject | null {
  return state === 'done' ? result : null
}

function errorOf(result: JsonObject | null): JobAnswer['error'] {
  const { error } = (result ?? {}) as { error?: { code: string; detail: string } }
  return error ?? null
}
