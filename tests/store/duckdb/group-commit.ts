import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createGroupCommit } from '../../../src/store/duckdb/group-commit.js'

/** Commits that take a while; items named `bad` make their commit fail. */
function openQueue({ maxSize = 100, retryApart = true } = {}) {
  const commits: string[][] = []
  let running = 0
  const queue = createGroupCommit<readonly string[], readonly string[]>({
    maxSize,
    sizeOf: (items) => items.length,
    retryApart: () => retryApart,
    async commit(calls) {
      if (running++ > 0) throw new Error('two commits at a time')
      const items = calls.flat()
      commits.push(items)
      await sleep(2)
      running--
      if (items.includes('bad')) throw new Error('a bad item')
      return calls.map((call) => call.map((item) => item.toUpperCase()))
    },
  })
  return { queue, commits }
}

t.test('calls that come while a commit runs join the next one', async (t) => {
  const { queue, commits } = openQueue()
  const first = queue.submit(['a'])
  await sleep(1)
  const answers = await Promise.all([first, queue.submit(['b', 'c']), queue.submit([]), queue.submit(['d'])])
  t.same(answers, [['A'], ['B', 'C'], [], ['D']])
  t.same(commits, [['a'], ['b', 'c', 'd']])
  t.same(await queue.submit(['e']), ['E'], 'and again after a rest')
})

t.test('a group has a limit, a call is never split', async (t) => {
  const { queue, commits } = openQueue({ maxSize: 3 })
  await Promise.all([['a', 'b'], ['c'], ['d'], ['e', 'f', 'g', 'h'], ['i']].map((items) => queue.submit(items)))
  t.same(commits, [['a', 'b', 'c'], ['d'], ['e', 'f', 'g', 'h'], ['i']])
})

t.test('a bad call fails alone', async (t) => {
  const { queue, commits } = openQueue()
  const results = await Promise.allSettled(['a', 'bad', 'c'].map((item) => queue.submit([item])))
  t.same(
    results.map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as Error).message)),
    [['A'], 'a bad item', ['C']],
  )
  t.same(commits, [['a', 'bad', 'c'], ['a'], ['bad'], ['c']])
})

t.test('when the medium is to blame, all of the group fail, and the next group is tried', async (t) => {
  const { queue, commits } = openQueue({ retryApart: false })
  const results = await Promise.allSettled(['a', 'bad', 'c'].map((item) => queue.submit([item])))
  t.ok(results.every(({ status }) => status === 'rejected'))
  t.equal(commits.length, 1)
  t.same(await queue.submit(['d']), ['D'])
})

t.test('closing waits for what was handed in and refuses what comes later', async (t) => {
  const { queue } = openQueue()
  const pending = queue.submit(['a'])
  const closing = queue.close()
  await t.rejects(queue.submit(['b']), { code: 'store-unavailable' })
  await closing
  t.same(await pending, ['A'])
})
