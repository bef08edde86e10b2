import { z } from 'zod'
import { parseTime, whyNoTime } from '../candles/parse-time.js'

/** A time in a JSON body; epoch milliseconds inside. */
export const bodyTime = (about: string) =>
  z
    .union([z.number(), z.string().max(64)], { error: 'a time is expected: epoch milliseconds, ISO 8601 or YYYY-MM-DD HH:MM:SS' })
    .transform((value, context) => {
      const ms = parseTime(String(value))
      if (!Number.isNaN(ms)) return ms
      context.addIssue(whyNoTime(value))
      return z.NEVER
    })
    .meta({
      description: `${about}: epoch milliseconds, ISO 8601 or YYYY-MM-DD HH:MM:SS; an offset is honoured, without one UTC.`,
      anyOf: [{ type: 'number' }, { type: 'string', maxLength: 64 }],
    })
