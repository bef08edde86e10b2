import type { BackfillPlanAnswer } from '../../backfills/schema.js'
import type { Client } from '../client.js'
import { InputError } from '../input-error.js'
import { ServiceError } from '../service-error.js'
import type { Target } from './work.js'

interface Named {
  readonly model?: readonly string[]
  readonly symbol?: string
  readonly timeframe?: string
}

/**
 * The models that are asked and what they predict, as the service resolves them.
 * @throws InputError when a model cannot answer
 */
export async function resolveTarget(client: Client, { model, symbol, timeframe }: Named): Promise<Target> {
  const body = {
    ...(model !== undefined && { models: [...new Set(model)] }),
    symbol,
    timeframe,
    mode: 'ts_list',
    timestamps: [],
    dry_run: true,
  }
  try {
    const plan = await (await client.request('POST', '/backfills', { body })).json<BackfillPlanAnswer>()
    return { series: { symbol: plan.symbol, timeframe: plan.timeframe }, models: plan.models.map((planned) => planned.model) }
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'model-unavailable')
      throw new InputError(`[ERROR] Failed to load model: ${error.message}`, { cause: error })
    throw error
  }
}
