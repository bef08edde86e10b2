import { z } from 'zod'
import type { Timeframe } from '../candles/timeframe.js'
import { modelName } from './model-rules.js'
import type { Output } from './model.js'

const name = z.string().regex(modelName, `a model's name is expected (${modelName.source})`)
const membersOf = (least: number) =>
  z
    .array(name)
    .min(least)
    .max(100)
    .refine((names) => new Set(names).size === names.length, 'each member may be named once')

const factor = z.number().min(0).max(1e12)

/** What `"ensemble"` in a `model.json` may say: the rule, the members in their order, and the rule's own options. */
export const ensembleSchema = z
  .discriminatedUnion('rule', [
    z.strictObject({ rule: z.literal('mean'), members: membersOf(1), weights: z.record(z.string(), factor).optional() }),
    z.strictObject({
      rule: z.literal('inverse-error'),
      members: membersOf(1),
      window: z.int().min(1).max(500).default(20),
      least_outcomes: z.int().min(1).max(500).default(5),
    }),
    z.strictObject({
      rule: z.literal('blend'),
      members: membersOf(1),
      temperature: z.number().optional(),
      freshness: z.enum(['none', 'clock']).default('none'),
      costs: z.record(z.string(), z.number()).optional(),
      planned: factor.optional(),
      average_volume: factor.optional(),
    }),
    z.strictObject({
      rule: z.literal('layer-one'),
      members: membersOf(2),
      weight: z.number().min(0).max(1).default(0.5),
      producer: z.enum(['rust', 'python']).default('rust'),
    }),
    z.strictObject({ rule: z.literal('fallback'), members: membersOf(1) }),
    z.strictObject({
      rule: z.literal('quantiles'),
      members: membersOf(2),
      estimator: z.enum(['average', 'conservative']).default('average'),
    }),
    z.strictObject({ rule: z.literal('stacked'), members: membersOf(1) }),
    z.strictObject({ rule: z.literal('rank'), members: membersOf(1).max(1), min_universe: z.int().min(2).max(10_000).default(5) }),
  ])
  .check(({ value, issues }) => {
    const refuse = (path: string, message: string) => issues.push({ code: 'custom', path: [path], message, input: value })
    const named = value.rule === 'mean' ? value.weights : value.rule === 'blend' ? value.costs : undefined
    const stranger = Object.keys(named ?? {}).find((each) => !value.members.includes(each))
    if (stranger !== undefined) refuse(value.rule === 'mean' ? 'weights' : 'costs', `${stranger} is no member`)
    if (value.rule === 'mean' && value.weights !== undefined) {
      const missing = value.members.find((member) => value.weights?.[member] === undefined)
      if (missing !== undefined) refuse('weights', `the weight of ${missing} is missing; 0 leaves a member out of the value`)
      else if (Object.values(value.weights).every((weight) => weight === 0)) refuse('weights', 'one of them must be above 0')
    }
    if (value.rule === 'inverse-error' && value.least_outcomes > value.window)
      refuse('least_outcomes', `more than the window of ${value.window} can never be there`)
  })

export type EnsembleRule = z.output<typeof ensembleSchema>

/** An ensemble as its manifest describes it: what its members settle is settled when they are known. */
export interface Ensemble {
  readonly rule: EnsembleRule
  /** What the manifest states beside it: must be what the members are. */
  readonly stated: {
    readonly symbol: string | undefined
    readonly timeframe: Timeframe | undefined
    readonly output: Output | undefined
    readonly horizonBars: number | undefined
    readonly sha256: string | undefined
  }
  /** The manifest as JSON, keys sorted, without its digest: what the ensemble's digest is made of, beside those of the members. */
  readonly canonical: string
}
