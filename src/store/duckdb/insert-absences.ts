import { LIST, listValue, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { NewAbsence } from '../log-store.js'
import { timestamp } from './column-kinds.js'

/**
 * Adds absences within the caller's transaction; those of a series, model, bar and reason that is there change nothing, and the first of
 * several in one call wins.
 * @returns how many were added
 */
export async function insertAbsences(writer: DuckDBConnection, absences: readonly NewAbsence[]): Promise<number> {
  if (absences.length === 0) return 0
  const texts = (of: (absence: NewAbsence) => string): DuckDBValue => listValue(absences.map(of))
  const times = (of: (absence: NewAbsence) => number): DuckDBValue => listValue(absences.map((each) => timestamp(of(each))))
  const strings = LIST(VARCHAR)
  const moments = LIST(TIMESTAMP)
  const result = await writer.run(
    `INSERT INTO absences
     SELECT symbol, timeframe, model, bar_time, reason, detail, recorded_at
     FROM (SELECT unnest($1) AS symbol, unnest($2) AS timeframe, unnest($3) AS model, unnest($4) AS bar_time, unnest($5) AS reason,
                  unnest($6) AS detail, unnest($7) AS recorded_at, generate_subscripts($1, 1) AS nth) AS given
     ANTI JOIN (SELECT * FROM absences WHERE bar_time BETWEEN list_min($4) AND list_max($4)) AS there
       USING (symbol, timeframe, model, bar_time, reason)
     QUALIFY row_number() OVER (PARTITION BY symbol, timeframe, model, bar_time, reason ORDER BY nth) = 1
     ORDER BY nth`,
    [
      texts(({ symbol }) => symbol),
      texts(({ timeframe }) => timeframe),
      texts(({ model }) => model),
      times(({ barTimeMs }) => barTimeMs),
      texts(({ reason }) => reason),
      texts(({ detail }) => detail),
      times(({ recordedAtMs }) => recordedAtMs),
    ],
    [strings, strings, strings, moments, strings, strings, moments],
  )
  return result.rowsChanged
}
