import t from 'tap'
import { replayGolden, type GoldenScorer } from '../../src/models/replay-golden.js'
import { Refused } from '../../src/models/refused.js'

function predict(rows: Float64Array) {
  const raw = Float64Array.of(rows[0]!, -rows[1]!)
  return { raw, pred: raw }
}

/** Not a model, but bits that are easy to tell: the first feature, and the second one negated. */
const scorer: GoldenScorer = {
  featureNames: ['a', 'b'],
  nOutputs: 2,
  score: { now: predict, later: (rows) => Promise.resolve(predict(rows)) },
}
const replay = (...lines: unknown[]) =>
  replayGolden(Buffer.from(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')), scorer)

t.test('rows that give the same bits', async (t) => {
  t.equal(await replay({ features: { a: 1, b: 2 }, raw: [1, -2] }), 1)
  t.equal(
    await replay({ ts: 'x', features: { b: 2, more: 'x', a: 1 }, raw: [1, -2], pred: [0] }),
    1,
    'by name, further members are ignored',
  )
  t.equal(await replay({ features: { a: null, b: 'inf' }, raw: [null, '-inf'] }), 1)
  t.equal(await replay('{"features":{"a":"-inf","b":0},"raw":["-inf",-0]}'), 1)
  const row = { features: { a: 0.1, b: -5e-324 }, raw: [0.1, 5e-324] }
  t.equal(await replay(row, '', row, '\r', ...Array<unknown>(40).fill(row), ''), 42, 'blank lines do not count')
  t.equal(await replay(''), 0)
})

t.test('the first row that differs', async (t) => {
  const good = { features: { a: 1, b: 2 }, raw: [1, -2] }
  const differs = await refusalOf(replay(good, '', { features: { a: 0.1, b: 2 }, raw: [0.1, -2.0000000000000004] }, good))
  t.equal(differs.reason, 'golden-mismatch')
  t.same(differs.extras, { row: 2, line: 3, output: 1, expected: -2.0000000000000004, got: -2 })
  t.match(differs.message, 'row 2 of golden.jsonl (line 3)')
  const zero = await refusalOf(replay('{"features":{"a":0,"b":1},"raw":[-0,-1]}'))
  t.equal(zero.extras['row'], 1, 'the sign of zero is a bit')
  const infinite = await refusalOf(replay({ features: { a: 'inf', b: 1 }, raw: [null, -1] }))
  t.same(infinite.extras, { row: 1, line: 1, output: 0, expected: null, got: 'inf' })
})

t.test('rows that cannot be read', async (t) => {
  for (const [line, message] of [
    ['{', 'line 1 of golden.jsonl: not JSON'],
    ['null', 'is expected'],
    ['7', 'is expected'],
    [{ raw: [1, 2] }, 'is expected'],
    [{ features: [1, 2], raw: [1, -2] }, 'is expected'],
    [{ features: { a: 1, b: 2 } }, 'is expected'],
    [{ features: { a: 1, b: 2 }, raw: 1 }, 'is expected'],
    [{ features: { a: 1 }, raw: [1, 2] }, 'feature b is missing'],
    [{ features: { a: 1, B: 2 }, raw: [1, 2] }, 'feature b is missing'],
    [{ features: { a: '1', b: 2 }, raw: [1, 2] }, 'feature a is no number'],
    [{ features: { a: true, b: 2 }, raw: [1, 2] }, 'feature a is no number'],
    [{ features: { a: 1, b: 2 }, raw: [1] }, 'raw has 1 values, the model has 2 outputs'],
    [{ features: { a: 1, b: 2 }, raw: [1, '2'] }, 'raw holds something else'],
  ] as [unknown, string][]) {
    const refused = await refusalOf(replay(line))
    t.equal(refused.reason, 'golden-mismatch')
    t.ok(refused.message.includes(message), refused.message)
  }
  const many = await refusalOf(replay(...Array<unknown>(10_001).fill('{"features":{"a":1,"b":2},"raw":[1,-2]}')))
  t.match(many.message, 'more than 10000 rows')
  t.match((await refusalOf(replayGolden(Uint8Array.of(0xff), scorer))).message, 'not UTF-8')
})

async function refusalOf(run: Promise<unknown>): Promise<Refused> {
  try {
    await run
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
  throw new Error('expected a refusal')
}
