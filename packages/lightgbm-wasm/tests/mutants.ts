import t from 'tap'
import { goldenNames, readGolden } from './support/golden.js'
import { mutate } from './support/mutate.js'
import { seededRandom } from './support/random.js'
import { tryMutant } from './support/try-mutant.js'

t.test('10,000 mutants of the golden models are refused with a clear error, or score as the slow judge does', async (t) => {
  const models = goldenNames.map((name) => readGolden(name).bytes).filter((bytes) => bytes.length < 120_000)
  const random = seededRandom(20261121)
  const results = { refused: 0, scored: 0 }
  for (let i = 0; i < 10_000; i++) {
    const mutant = mutate(random.pick(models), random)
    try {
      results[await tryMutant(mutant, i)]++
    } catch (error) {
      t.fail(`mutant ${i}: ${(error as Error).stack}`)
    }
  }
  t.ok(results.refused > 1000 && results.scored > 1000, JSON.stringify(results))
})
