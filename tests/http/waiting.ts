import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { createWaiting } from '../../src/http/waiting.js'

t.test('a wait is over once, for one reason', async (t) => {
  const waiting = createWaiting({ maxWaits: 10 })
  const listeners = new Set<() => void>()
  const listen = (news: () => void) => {
    listeners.add(news)
    return () => void listeners.delete(news)
  }
  const first = waiting.begin(10_000, listen)!
  const second = waiting.begin(10_000, listen)!
  const third = waiting.begin(5, listen)!
  t.equal(listeners.size, 3)
  for (const news of [...listeners].slice(0, 1)) news()
  t.equal(await first.over, 'news')
  second.leave()
  t.equal(await second.over, 'gone')
  t.equal(await third.over, 'time')
  t.equal(listeners.size, 0, 'nobody listens any more')
  first.leave()
  t.equal(await first.over, 'news', 'later reasons change nothing')
})

t.test('only so many, and none after the close', async (t) => {
  const waiting = createWaiting({ maxWaits: 2 })
  const listen = () => () => undefined
  const waits = [waiting.begin(10_000, listen)!, waiting.begin(10_000, listen)!]
  t.equal(waiting.begin(10_000, listen), undefined)
  waits[0]!.leave()
  const another = waiting.begin(10_000, listen)!
  waiting.close()
  t.equal(await waits[1]!.over, 'closing')
  t.equal(await another.over, 'closing')
  t.equal(waiting.begin(10_000, listen), undefined)
  await setTimeout(0)
})
