import t from 'tap'
import { maxWaitSeconds, preferWait } from '../../src/http/prefer-wait.js'

t.test('what a client prefers', (t) => {
  const cases: [string | string[] | undefined, number][] = [
    [undefined, 0],
    ['', 0],
    ['wait=25', 25],
    ['Wait = "10"', 10],
    ['respond-async, wait=5; foo=bar', 5],
    [['respond-async', 'wait=7'], 7],
    ['wait=1, wait=9', 1],
    ['wait=0', 0],
    ['wait', 0],
    ['wait=', 0],
    ['wait=-1', 0],
    ['wait=1.5', 0],
    ['wait=abc', 0],
    ['waiting=3', 0],
    ['wait=100000', maxWaitSeconds],
    [`wait=${'9'.repeat(40)}`, 0],
  ]
  for (const [header, seconds] of cases) t.equal(preferWait(header), seconds, String(header))
  t.end()
})
