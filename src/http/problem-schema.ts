import { z } from 'zod'
import { problems } from '../errors.js'

const codes = Object.keys(problems) as (keyof typeof problems)[]

/** A problem as it leaves (RFC 9457); further members depend on the code. */
export const problemSchema = z.looseObject({
  type: z.string().describe('The kind of problem as a URN: urn:problem:barcast:<code>.'),
  title: z.string().describe('The kind of problem in words.'),
  status: z.int().describe('HTTP status code.'),
  detail: z.string().describe('What is wrong with this request, where, and what to do.'),
  code: z.enum(codes).describe('The kind of problem, for programs; it never changes its meaning.'),
  request_id: z.string().describe('The request, as in the header X-Request-Id and in the log.'),
  errors: z
    .array(
      z.looseObject({
        pointer: z.string().describe('Place: a JSON pointer into the body, a line and column of a CSV, or the name of a query parameter.'),
        detail: z.string().describe('What is wrong there.'),
      }),
    )
    .optional()
    .describe('The places that are wrong, where the problem has places.'),
})
