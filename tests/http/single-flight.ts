import t from 'tap'
import { createSingleFlight } from '../../src/http/single-flight.js'

t.test('the same at the same time is done once; afterwards anew; failures are shared and forgotten', async (t) => {
  const shared = createSingleFlight<number>()
  let calls = 0
  const work = () => Promise.resolve(++calls)
  t.strictSame(await Promise.all([shared('a', work), shared('a', work), shared('b', work)]), [1, 1, 2])
  t.equal(await shared('a', work), 3)
  const failing = () => Promise.reject(new Error(`failed ${++calls}`))
  const results = await Promise.allSettled([shared('a', failing), shared('a', failing)])
  t.match(results, [{ reason: { message: 'failed 4' } }, { reason: { message: 'failed 4' } }])
  t.equal(await shared('a', work), 5)
})
