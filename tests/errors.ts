import { readFileSync } from 'node:fs'
import t from 'tap'
import { invalidAt, Problem, problemBody, problems } from '../src/errors.js'

t.test('code and docs list the same problems', (t) => {
  const docs = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
  const rows = [...docs.matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)].map(([, code, status]) => [code, Number(status)])
  t.strictSame(
    rows,
    Object.entries(problems).map(([code, { status }]) => [code, status]),
  )
  t.end()
})

t.test('the body of a problem', (t) => {
  t.strictSame(problemBody(invalidAt('/candles/close/17', 'no number', { status: 'mine' }), 'r1'), {
    type: 'urn:problem:barcast:invalid-request',
    title: 'The request is not valid',
    status: 400,
    detail: 'no number (at /candles/close/17)',
    code: 'invalid-request',
    request_id: 'r1',
    errors: [{ pointer: '/candles/close/17', detail: 'no number' }],
  })
  t.match(new Problem('overloaded', 'x', {}, { retryAfterSeconds: 2, cause: 1 }), { retryAfterSeconds: 2, cause: 1 })
  t.end()
})
