import { z } from 'zod'
import { checkedJson } from '../checked-json.js'
import { outputs } from '../model.js'
import type { ModelRules } from '../model-rules.js'
import { statedDigest } from '../stated-digest.js'
import { statedTimeframe } from '../stated-timeframe.js'
import { readJson } from './read-json.js'

const schema = z.strictObject({
  symbol: z.string().min(1).max(100).optional(),
  timeframe: statedTimeframe.optional(),
  base_bars: z.int().min(1).max(100_000).optional(),
  buffer_bars: z.int().min(0).max(100_000).optional(),
  horizon_bars: z.int().min(1).max(1_000_000).optional(),
  output: z.enum(outputs).optional(),
  sha256: statedDigest.optional(),
  vwap: z.enum(['rolling', 'cumulative']).optional(),
})

export type Overrides = z.output<typeof schema>

/**
 * `barcast.json` beside a model of another system: what that system's files do not say.
 * @throws Refused `bad-manifest`
 */
export async function readOverrides(folder: string, rules: ModelRules): Promise<Overrides> {
  const json = await readJson(folder, 'barcast.json', rules, { refusesDuplicateKeys: true })
  return json === undefined ? {} : checkedJson(json, schema, 'barcast.json')
}
