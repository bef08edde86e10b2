import type { Prediction } from '../predictions/schema.js'
import type { Client, RequestOptions } from './client.js'

export interface PredictionsFetching {
  readonly client: Client
  /** Parameters of GET /predictions, without those of the page. */
  readonly query: NonNullable<RequestOptions['query']>
  readonly signal: AbortSignal
}

/** About 4 MB of JSON. */
const mostRows = 1_000

/** Stored predictions, page by page, oldest bar first. */
export async function* fetchPredictions({ client, query, signal }: PredictionsFetching): AsyncGenerator<readonly Prediction[]> {
  let cursor: string | undefined
  do {
    signal.throwIfAborted()
    const answer = await client.request('GET', '/predictions', { query: { ...query, order: 'asc', limit: mostRows, cursor } })
    const page = await answer.json<{ predictions: readonly Prediction[]; next_cursor: string | null }>()
    yield page.predictions
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
}
