import { z } from 'zod'
import { followingSchema } from '../following/answer-schema.js'

export const livezSchema = z.strictObject({ status: z.literal('alive').describe('The process answers.') })

const modelState = z.enum(['loading', 'idle', 'served', 'refused', 'absent'])

export const readinessSchema = z.strictObject({
  status: z.enum(['ready', 'not ready', 'closing']).describe('Whether predictions can be made now; closing: not for long.'),
  store: z
    .strictObject({ state: z.enum(['open', 'unavailable']).describe('Whether the database answers.') })
    .describe('Where predictions stay.'),
  models: z
    .strictObject({
      state: z.enum(['loading', 'loaded']).describe('Whether every folder of the models directory has been looked at.'),
      loading: z.int().min(0).describe('Models still being loaded, count.'),
      served: z.int().min(0).describe('Models that answer, count.'),
      idle: z.int().min(0).describe('Models that are loaded when they are asked for the first time, count.'),
      refused: z.int().min(0).describe('Models that were refused, count; GET /models says why.'),
      required: z.record(z.string(), modelState).describe('State of each model that BARCAST_REQUIRED_MODELS names.'),
    })
    .describe('The models directory.'),
  following: followingSchema.optional().describe('The series of BARCAST_FOLLOW; absent without it.'),
})
