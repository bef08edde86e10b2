import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parseCsv } from '../../../src/candles/parse-csv.js'
import type { Submission } from '../../../src/candles/submission.js'

const path = new URL('../../fixtures/btcusdt_1h_2021_2025.csv.gz', import.meta.url)

/** BTCUSDT, hourly, 2021-01-01 to 2025-09-29 22:00 UTC, with seven real gaps. */
export function realCandlesCsv(): string {
  return gunzipSync(readFileSync(path)).toString('utf8')
}

export function realCandles(): Submission {
  return parseCsv(realCandlesCsv())
}
