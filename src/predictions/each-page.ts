import type { Page, PageQuery, Reader } from './read.js'

/**
 * The pages of a listing, one after another, until it ends or `limit` rows were read. The `nextCursor` of the last one is where the listing
 * goes on.
 */
export async function* eachPage(
  reader: Pick<Reader, 'page'>,
  { limit, cursor, ...query }: PageQuery,
  rowsPerPage: number,
): AsyncGenerator<Page, void, undefined> {
  let left = limit
  let next: string | null | undefined = cursor
  do {
    const page = await reader.page({ ...query, limit: Math.min(left, rowsPerPage), cursor: next })
    left -= page.predictions.length
    next = page.nextCursor
    yield page
  } while (next !== null && left > 0)
}
