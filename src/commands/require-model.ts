import type { Prediction } from '../predictions/schema.js'
import type { Client } from './client.js'

/**
 * Makes sure that a name that somebody typed means something: a model that there is, or one that is gone and has left predictions.
 * @throws ServiceError unknown-model, with the nearest name
 */
export async function requireModel(client: Client, model: string): Promise<void> {
  const answer = await client.request('GET', '/predictions', { query: { model, history: 'all', limit: 1 } })
  const { predictions } = await answer.json<{ predictions: readonly Prediction[] }>()
  if (predictions.length === 0) await client.request('GET', `/models/${encodeURIComponent(model)}`)
}
