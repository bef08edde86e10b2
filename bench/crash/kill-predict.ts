import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endingAt, readBtcusdt } from '../../tests/support/btcusdt.js'
import { killRound } from '../../tests/support/kill-round.js'

/** `kill -9` in the middle of 200 concurrent predictions, ten times on one database: no answered prediction may be missing afterwards. */
const rounds = 10
const nRequests = 200

const folder = mkdtempSync(join(tmpdir(), 'barcast-kill-'))
const window = endingAt(readBtcusdt(), Date.UTC(2025, 8, 29, 22), 726)
let lost = 0
for (let round = 1; round <= rounds; round++) {
  const killAfterAnswers = 1 + Math.floor(Math.random() * (nRequests - 20))
  const result = await killRound(join(folder, 'kill.duckdb'), window, nRequests, killAfterAnswers, round)
  lost += result.lost.length
  console.log(
    `round ${round}: ${result.answered} answered, ${result.cut} cut off, ${result.stored} stored in all, ${result.lost.length} lost`,
  )
}
rmSync(folder, { recursive: true })
console.log(lost === 0 ? 'nothing that was answered was lost' : `${lost} answered predictions were lost`)
process.exitCode = lost === 0 ? 0 : 1
