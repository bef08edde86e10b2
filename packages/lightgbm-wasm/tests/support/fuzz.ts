// npm run fuzz [COUNT] [SEED] [FROM]: mutants of the golden models; each must be refused with a ModelFormatError or score as the slow judge does.
// The seed gives one sequence of mutants; COUNT of them are tried, from number FROM on, so that several processes can share one run.
// A mutant that does neither is written to fuzz-SEED-NUMBER.txt.
import { writeFileSync } from 'node:fs'
import { goldenNames, readGolden } from './golden.js'
import { mutate } from './mutate.js'
import { seededRandom } from './random.js'
import { tryMutant } from './try-mutant.js'

const count = Number(process.argv[2] ?? 100_000)
const seed = Number(process.argv[3] ?? 1)
const from = Number(process.argv[4] ?? 0)
const models = goldenNames.map((name) => readGolden(name).bytes).filter((bytes) => bytes.length < 300_000)
const random = seededRandom(seed)
const results = { refused: 0, scored: 0, failed: 0 }
for (let i = 0; i < from + count; i++) {
  const mutant = mutate(random.pick(models), random)
  if (i < from) continue
  try {
    results[await tryMutant(mutant, i)]++
  } catch (error) {
    results.failed++
    writeFileSync(`fuzz-${seed}-${i}.txt`, mutant)
    console.log(`mutant ${i} of seed ${seed}:`, error)
  }
  if ((i + 1) % 10_000 === 0) console.log(i + 1, JSON.stringify(results), `${Math.round(process.memoryUsage().rss / 1e6)} MB`)
}
console.log(JSON.stringify(results))
process.exitCode = results.failed === 0 ? 0 : 1
