import type { Client } from './client.js'
import { InputError } from './input-error.js'

/**
 * The symbol of the models, when they agree on one.
 * @throws InputError when they do not
 */
export async function symbolOfModels(client: Client): Promise<string> {
  const answer = await client.request('GET', '/models')
  const { models } = await answer.json<{ models: readonly { symbol?: string | null }[] }>()
  const symbols = [...new Set(models.flatMap(({ symbol }) => symbol ?? []))]
  if (symbols.length === 1) return symbols[0]!
  const why = symbols.length === 0 ? 'no model states one' : `the models are for ${symbols.slice(0, 5).join(', ')}`
  throw new InputError(`--symbol is missing: ${why}`)
}
