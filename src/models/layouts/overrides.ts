import { z } from 'zod'
import { parseTimeframe, type Timeframe } from '../../candles/timeframe.js'
import { inWords } from '../../in-words.js'
import { outputs } from '../model.js'
import type { ModelRules } from '../model-rules.js'
import { Refused } from '../refused.js'
import { readJson } from './read-json.js'

const schema = z.strictObject({
  symbol: z.string().min(1).max(100).optional(),
  timeframe: z
    .string()
    .transform((text, context): Timeframe => {
      const timeframe = parseTimeframe(text)
      if (timeframe !== undefined) return timeframe
      context.addIssue({ code: 'custom', message: 'no such timeframe' })
      return z.NEVER
    })
    .optional(),
  base_bars: z.int().min(1).max(100_000).optional(),
  buffer_bars: z.int().min(0).max(100_000).optional(),
  horizon_bars: z.int().min(1).max(1_000_000).optional(),
  output: z.enum(outputs).optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, '64 hexadecimal digits are expected')
    .toLowerCase()
    .optional(),
  vwap: z.enum(['rolling', 'cumulative']).optional(),
})

export type Overrides = z.output<typeof schema>

/**
 * `barcast.json` beside a model of another system: what that system's files do not say.
 * @throws Refused `bad-manifest`
 */
export async function readOverrides(folder: string, rules: ModelRules): Promise<Overrides> {
  const json = await readJson(folder, 'barcast.json', rules)
  if (json === undefined) return {}
  const parsed = schema.safeParse(json, { error: inWords })
  if (parsed.success) return parsed.data
  const detail = parsed.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`).join('; ')
  throw new Refused('bad-manifest', `barcast.json: ${detail}`)
}
