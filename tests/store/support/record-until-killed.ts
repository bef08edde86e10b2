import { openDuckdbStore } from '../../../src/store/duckdb.js'
import { bars } from './bars.js'
import { firstBarMs, hourMs, prediction } from './prediction.js'

/**
 * Records for ever, 200 calls at a time, and writes the id of every prediction that was acknowledged to standard output. Arguments: the
 * file, and a word that makes this run's ids its own. Every fifth prediction supersedes one.
 * Beside each come the two bars of its round, whose prices say which round it is.
 */
const [path, run] = process.argv.slice(2) as [string, string]
const store = await openDuckdbStore({ path })
for (let round = 0; ; round++) {
  await Promise.all(
    Array.from({ length: 200 }, async (_, k) => {
      const [recorded] = await store.record(
        [prediction({ id: `${run}-${round}-${k}`, barTimeMs: firstBarMs + (k % 5 === 0 ? 0 : round) * hourMs, model: `m${k}` })],
        { candles: bars(2, round + 1) },
      )
      // One write of one line: a killed process leaves no half of it in the pipe.
      process.stdout.write(`${recorded?.prediction.id}\n`)
    }),
  )
}
