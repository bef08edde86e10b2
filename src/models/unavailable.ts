import { Problem } from '../errors.js'
import type { ModelEntry } from './model.js'

type Refused = Extract<ModelEntry, { state: 'refused' }>

/** What asking for a model gets while it cannot answer: `model-unavailable`, with the reason of a refusal, or with Retry-After while it loads. */
export function unavailable(entry: { readonly name: string; readonly state: 'idle' | 'loading' } | Refused): Problem {
  const { name } = entry
  if (entry.state === 'refused') {
    const { reason, detail, extras } = entry
    return new Problem('model-unavailable', `model ${name} is refused (${reason}): ${detail}`, { model: name, reason, ...extras })
  }
  return new Problem('model-unavailable', `model ${name} is loading`, { model: name, reason: 'loading' }, { retryAfterSeconds: 1 })
}
