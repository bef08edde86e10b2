import { Problem } from '../errors.js'
import type { ServedModel } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import { familyRank } from './family-rank.js'
import { type RefusedAsked, refusedOfTarget } from './refused-of-target.js'

/**
 * Why a target has no model to ask: `model-unavailable`, with every refused one and every family that has none in `passed_over`; `unknown-model`
 * with the known targets when no model has the target at all, or none that fits.
 * @param ofTarget served models that fit, whatever their family
 */
export function noneOfTarget(registry: Pick<Registry, 'entries'>, asked: RefusedAsked, ofTarget: readonly ServedModel[]): Problem {
  const { target, families } = asked
  const refused = refusedOfTarget(registry, asked)
  // Whether there is anything of the target does not depend on the families that are asked.
  if (ofTarget.length === 0 && refusedOfTarget(registry, { ...asked, families: undefined }).length === 0) return unknown(registry, target)
  const passedOver = [
    ...refused.map(({ model, family, reason }) => ({ model, family, reason })),
    ...(families ?? [])
      .filter((family) => !refused.some(({ manifest }) => familyRank(manifest, [family]) !== -1))
      .map((family) => ({ model: null, family, reason: 'no model of this family has the target' })),
  ]
  const of = families === undefined ? '' : ` of the families ${listing(families)}`
  const why = passedOver.map(({ model, family, reason }) => `${model ?? family}: ${reason}`).slice(0, 3)
  const more = passedOver.length > why.length ? '; …' : ''
  return new Problem('model-unavailable', `no model${of} can answer for ${JSON.stringify(target)}; ${why.join('; ')}${more}`, {
    target,
    passed_over: passedOver,
  })
}

function unknown(registry: Pick<Registry, 'entries'>, target: string): Problem {
  const served = registry.entries().flatMap((entry) => (entry.state === 'served' ? [entry.model] : []))
  const targets = [...new Set(served.flatMap(({ manifest }) => manifest.target ?? []))].sort()
  const known = targets.length === 0 ? 'no served model states a target' : `targets of served models are ${listing(targets)}`
  return new Problem('unknown-model', `no served model has the target ${JSON.stringify(target)}, or none that fits; ${known}`, { targets })
}

function listing(values: readonly string[]): string {
  return values.slice(0, 10).join(', ') + (values.length > 10 ? ', …' : '')
}
