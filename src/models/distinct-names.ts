import type { FoundBundle } from './found-bundle.js'
import { loadModel } from './load-model.js'
import type { ModelRules } from './model-rules.js'
import { Refused } from './refused.js'

/**
 * The same models, no two of one name: the first of a name, in the order given, keeps it; every other one is refused under the name with a number
 * behind it, so that it is told of.
 */
export function distinctNames(found: readonly FoundBundle[], rules: ModelRules): FoundBundle[] {
  const names = new Set(found.map(({ name }) => name))
  const owners = new Map<string, FoundBundle>()
  return found.map((bundle) => {
    const owner = owners.get(bundle.name)
    if (owner === undefined) {
      owners.set(bundle.name, bundle)
      return bundle
    }
    const name = freeName(bundle.name, names)
    names.add(name)
    return refusedTwin({ ...bundle, name }, owner, rules)
  })
}

function freeName(taken: string, names: ReadonlySet<string>): string {
  for (let k = 2; ; k++) {
    const name = `${taken.slice(0, 90)}.${k}`
    if (!names.has(name)) return name
  }
}

function refusedTwin(bundle: FoundBundle, owner: FoundBundle, rules: ModelRules): FoundBundle {
  const { name, source } = bundle
  const describe = () =>
    Promise.reject(
      new Refused('bad-manifest', `its name would be ${owner.name}, which is that of ${owner.source.path}: rename one of the two folders`, {
        code: 'name-taken',
        taken_by: owner.source.path,
      }),
    )
  return {
    name,
    source,
    // Another owner is another reason.
    fingerprint: `${owner.source.path}\n${bundle.fingerprint}`,
    describe,
    load: () => loadModel({ name, source }, describe, rules),
  }
}
