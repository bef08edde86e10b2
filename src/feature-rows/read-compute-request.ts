import type { z } from 'zod'
import { parseCandles } from '../candles/parse.js'
import { invalidAt, Problem } from '../errors.js'
import type { Catalogue } from '../features/catalogue.js'
import { checked } from '../http/checked.js'
import { openTimeRange } from '../http/open-time-range.js'
import { queryPointer } from '../http/validator-compiler.js'
import { nearestName } from '../nearest-name.js'
import type { Bars } from '../predictions/bars.js'
import { type RawBody, readCandleBody } from '../predictions/candle-body.js'
import { computeBodySchema, computeFieldsSchema } from './body-schema.js'
import type { ComputeRequest } from './compute-rows.js'
import type { ComputeQuery } from './query-schema.js'

/**
 * What POST /features was asked, out of its bytes.
 * @throws Problem 400 or 415; `timeframe-mismatch`
 */
export function readComputeRequest(raw: RawBody, query: ComputeQuery, catalogues: readonly Catalogue[]): ComputeRequest {
  const body = readCandleBody(raw)
  if (body.format === 'csv') {
    const { bars, from, to, ...given } = query
    const fields = checked(computeFieldsSchema, given, queryPointer)
    return { ...toRequest(fields, catalogues, ''), bars: barsOf(bars, from, to), submission: body.submission }
  }
  const [misplaced] = Object.keys(query)
  if (misplaced !== undefined) throw invalidAt(misplaced, 'with a JSON body this belongs into the body, not into the query')
  const { candles, bars = 'last', ...fields } = checked(computeBodySchema, body.value)
  const submission = candles === undefined ? undefined : (body.submission ?? parseCandles(candles))
  return { ...toRequest(fields, catalogues, '/'), bars, submission }
}

function barsOf(bars: 'last' | undefined, from: number | undefined, to: number | undefined): Bars {
  if (from === undefined && to === undefined) return 'last'
  if (bars !== undefined) throw invalidAt('bars', 'give either bars, or from and to')
  return openTimeRange({ from, to })
}

function toRequest(
  { symbol, timeframe, catalogue: wanted, names, base_bars: baseBars, buffer_bars: bufferBars }: z.output<typeof computeFieldsSchema>,
  catalogues: readonly Catalogue[],
  before: string,
): Omit<ComputeRequest, 'bars' | 'submission'> {
  const catalogue = catalogues.find(({ name }) => name === wanted)
  if (catalogue === undefined) {
    const known = catalogues.map(({ name }) => name)
    throw invalidAt(`${before}catalogue`, `there is no catalogue ${JSON.stringify(wanted)}; known: ${known.join(', ')}`, {
      nearest: nearestName(wanted, known),
    })
  }
  const [own, ...others] = catalogue.timeframes
  if (timeframe === undefined && (own === undefined || others.length > 0)) {
    const which = catalogue.timeframes.join(', ')
    throw invalidAt(`${before}timeframe`, `timeframe is needed: catalogue ${catalogue.name} is for candles of ${which}`)
  }
  const used = timeframe ?? own!
  if (!catalogue.timeframes.includes(used)) {
    const expected = catalogue.timeframes.join(', ')
    throw new Problem('timeframe-mismatch', `catalogue ${catalogue.name} is for candles of ${expected}, not of ${used}`, {
      expected: catalogue.timeframes,
      given: used,
    })
  }
  return { symbol, timeframe: used, catalogue, names, window: { baseBars, bufferBars } }
}
