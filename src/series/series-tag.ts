import { createHash } from 'node:crypto'
import type { StoredOutcome } from '../store/outcome-store.js'
import type { SeriesPage } from './read-series.js'

/**
 * A weak entity tag of a page: equal for equal rows and reasons. Taken from what the page says, because reasons change with candles, signs of life, models
 * and the clock, which no number of commits tells.
 * @param edition another one for every process, since a newer version may show the same rows differently
 * @param variant what else decides the bytes, such as the media type
 */
export function seriesTag(page: SeriesPage, outcomes: ReadonlyMap<string, StoredOutcome>, edition: string, variant: string): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([page.model, page.symbol, page.timeframe, page.nextCursor, variant]))
  for (const { barTimeMs, prediction, explanation } of page.rows) {
    const outcome = prediction && outcomes.get(prediction.id)
    hash.update(JSON.stringify([barTimeMs, prediction?.id, prediction?.supersedes, outcome, explanation]))
  }
  return `W/"${edition}-${hash.digest('base64url')}"`
}
