import t from 'tap'
import { negotiate } from '../../src/http/negotiate.js'

const cases: [string | undefined, 'application/json' | 'text/csv' | 'none'][] = [
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['text/csv', 'text/csv'],
  ['TEXT/CSV', 'text/csv'],
  ['text/*', 'text/csv'],
  ['text/csv, application/json', 'application/json'],
  ['text/csv, application/json;q=0.9', 'text/csv'],
  ['text/csv;q=0.1, */*;q=0.2', 'application/json'],
  ['application/json;q=0, */*', 'text/csv'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
  ['text/csv; header=present; q=0.5', 'text/csv'],
  ['application/problem+json', 'none'],
  ['text/html', 'none'],
  ['application/json;q=0', 'none'],
  ['application/json;q=abc', 'none'],
  [',;q', 'none'],
]

for (const [accept, expected] of cases) {
  t.test(`Accept: ${accept}`, (t) => {
    const chosen = () => negotiate(accept, ['application/json', 'text/csv'])
    if (expected === 'none') t.throws(chosen, { code: 'not-acceptable', extras: { available: ['application/json', 'text/csv'] } })
    else t.equal(chosen(), expected)
    t.end()
  })
}
