import type { PredictionQuery, Store, StoredPrediction } from '../store/store.js'
import { readCursor, writeCursor } from './cursor.js'

export interface PageQuery extends Omit<PredictionQuery, 'after'> {
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

export interface Page {
  readonly predictions: readonly StoredPrediction[]
  /** Null on the last page. */
  readonly nextCursor: string | null
}

export interface Reader {
  /** @throws Problem invalid-request for a cursor that was not given out for this query */
  page(query: PageQuery): Promise<Page>
  find(id: string): Promise<StoredPrediction | undefined>
}

/** Pages stay right while predictions are stored: each begins behind the last row of the one before, not at a count. */
export function createReader({ store }: { readonly store: Pick<Store, 'list' | 'find'> }): Reader {
  return { page, find: (id) => store.find(id) }

  async function page({ cursor, limit, ...listing }: PageQuery): Promise<Page> {
    const after = cursor === undefined ? undefined : readCursor(listing, cursor)
    // One more than asked: whether it exists says whether there is a next page.
    const rows = await store.list({ ...listing, limit: limit + 1, ...(after && { after }) })
    const last = rows[limit - 1]
    const nextCursor = rows.length > limit && last !== undefined ? writeCursor(listing, last) : null
    return { predictions: rows.slice(0, limit), nextCursor }
  }
}
