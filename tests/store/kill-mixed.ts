import { join } from 'node:path'
import t from 'tap'
import { killMixedRound } from '../support/kill-mixed.js'
import { backfilled, mixedCandles, nothingAcknowledged } from '../support/mixed-load.js'
import { copyModels } from '../support/service.js'
import { settleEverything } from '../support/settle-everything.js'
import { temporaryFolder } from '../support/temporary-folder.js'

t.test(
  'kill -9 under mixed load, ten times: nothing acknowledged is lost, nothing is there twice, all of it is finished afterwards',
  async (t) => {
    const folder = temporaryFolder(t)
    const models = copyModels(t, [backfilled])
    const database = join(folder, 'mixed.duckdb')
    const columns = mixedCandles()
    const acknowledged = nothingAcknowledged()
    for (let round = 0; round < 10; round++) {
      const copy = join(folder, `copy-${round}.duckdb`)
      const result = await killMixedRound({ database, copy, models, columns, acknowledged, round, random: Math.random })
      const { predictions, candles, outcomes, jobs } = result.rows
      t.strictSame(
        result.findings,
        [],
        `${result.answers} answers; ${predictions} predictions, ${candles} candles, ${outcomes} outcomes, ${jobs} jobs`,
      )
    }
    t.ok(
      acknowledged.predictions.size > 0 && acknowledged.nCandles > 0 && acknowledged.jobs.size > 0 && acknowledged.settled.size > 0,
      'all kinds of work went on',
    )
    t.strictSame(await settleEverything({ database, models, columns, acknowledged }), [])
  },
)
