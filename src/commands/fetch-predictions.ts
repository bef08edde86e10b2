import type { Prediction } from '../predictions/schema.js'
import type { Client, RequestOptions } from './client.js'
import { InputError } from './input-error.js'

export interface PredictionsFetching {
  readonly client: Client
  /** Parameters of GET /predictions, without those of the page. */
  readonly query: NonNullable<RequestOptions['query']>
  readonly signal: AbortSignal
}

/** About 4 MB of JSON. */
const mostRows = 1_000

/**
 * Stored predictions, page by page, oldest bar first.
 * @throws InputError when a model is named of which nothing at all is stored: most likely a typing error
 */
export async function* fetchPredictions({ client, query, signal }: PredictionsFetching): AsyncGenerator<readonly Prediction[]> {
  let cursor: string | undefined
  do {
    signal.throwIfAborted()
    const answer = await client.request('GET', '/predictions', { query: { ...query, order: 'asc', limit: mostRows, cursor } })
    const page = await answer.json<{ predictions: readonly Prediction[]; next_cursor: string | null }>()
    if (cursor === undefined && page.predictions.length === 0) await refuseUnknown(client, query.model)
    yield page.predictions
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
}

async function refuseUnknown(client: Client, model: PredictionsFetching['query'][string]): Promise<void> {
  if (model === undefined) return
  const answer = await client.request('GET', '/predictions', { query: { model, history: 'all', limit: 1 } })
  const { predictions } = await answer.json<{ predictions: readonly Prediction[] }>()
  if (predictions.length === 0) throw new InputError(`no predictions of the model ${model} are stored in ${client.target}`)
}
