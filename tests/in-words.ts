import t from 'tap'
import { z } from 'zod'
import { inWords } from '../src/in-words.js'

const messageOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value, { error: inWords }).error?.issues[0]?.message

t.test('what zod finds, in our words', (t) => {
  const kinds = z.discriminatedUnion('kind', [z.object({ kind: z.literal('circle') }), z.object({ kind: z.literal('square') })])
  for (const [schema, value, expected] of [
    [z.string(), undefined, 'is missing'],
    [z.enum(['a', 'b']), undefined, 'is missing'],
    [z.string(), 7, 'a text is expected'],
    [z.array(z.string()), {}, 'a list is expected'],
    [z.strictObject({}), [], 'an object is expected'],
    [z.int(), 1.5, 'a whole number is expected'],
    [z.enum(['a', 'b']), 'c', 'one of a, b is expected'],
    [z.literal('a'), 'c', 'a is expected'],
    [z.string().min(1), '', 'is empty'],
    [z.string().max(3), 'abcd', 'at most 3 characters are expected'],
    [z.array(z.int()).min(1), [], 'is empty'],
    [z.array(z.int()).min(2), [1], 'at least 2 entries are expected'],
    [z.number().gt(0), 0, 'a number of more than 0 is expected'],
    [z.number().lt(1), 1, 'a number of less than 1 is expected'],
    [z.int().max(5), 6, 'a number of at most 5 is expected'],
    [z.strictObject({}), { ['k'.repeat(200)]: 1 }, `there is no such key: "${'k'.repeat(80)}"`],
    [kinds, { kind: 'round' }, 'one of circle, square is expected'],
    [kinds, { kind: 'sqare' }, 'one of circle, square is expected; did you mean square?'],
    [kinds, { kind: 7 }, 'one of circle, square is expected'],
    [kinds, {}, 'is missing; one of circle, square is expected'],
    [kinds, 'square', 'an object is expected'],
    [z.string().min(2, 'too short'), '', 'too short'],
    [z.string().refine(() => false, 'not this one'), '', 'not this one'],
  ] as [z.ZodType, unknown, string][]) {
    t.equal(messageOf(schema, value), expected)
  }
  t.end()
})
