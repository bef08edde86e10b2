import t from 'tap'
import { createOutcomesOf, createToAnswers } from '../../src/predictions/answers.js'
import type { StoredPrediction } from '../../src/store/store.js'
import { firstBarMs, hourMs, prediction } from '../store/support/prediction.js'

t.test('the store is asked only for predictions whose horizon is over', async (t) => {
  const row = (id: string, horizonBars: number): StoredPrediction => ({
    ...prediction({ id, horizonBars }),
    supersedes: null,
    supersededBy: null,
    revision: 1,
  })
  const asked: string[][] = []
  const of = (rows: readonly { readonly id: string }[]) => {
    asked.push(rows.map(({ id }) => id))
    return Promise.resolve(new Map())
  }
  const nowMs = firstBarMs + 5 * hourMs
  const outcomesOf = createOutcomesOf({ of }, () => nowMs)
  const toAnswers = createToAnswers(outcomesOf)
  t.equal((await outcomesOf([row('A', 5), row('B', 168)])).size, 0)
  t.strictSame(asked, [], 'nothing can have settled')
  const answers = await toAnswers([row('A', 5), row('B', 4), row('C', 1)])
  t.strictSame(asked, [['B', 'C']])
  t.match(answers, [
    {
      id: 'A',
      outcome: { status: 'pending' },
      valid_until: '2025-01-01T02:00:00.000Z',
      input: { source: 'candles' },
      scorer_version: '0.1.0',
    },
    { id: 'B' },
    { id: 'C' },
  ])
})
