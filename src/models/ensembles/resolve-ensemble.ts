import { nearestName } from '../../nearest-name.js'
import type { Ensemble } from '../ensemble-rule.js'
import type { AbsentMember, Manifest, ModelEntry, ServedModel } from '../model.js'
import { Refused } from '../refused.js'
import { withPrecision } from '../scorer-of.js'
import { signalDoubts } from '../signal-rule.js'
import { agree } from './agree.js'
import { ensembleDigest } from './ensemble-digest.js'
import { toldManifest } from './told-manifest.js'

/** The models around an ensemble, as they lie in the directory. */
export interface Neighbours {
  entry(name: string): ModelEntry | undefined
  names(): readonly string[]
}

/** The ensemble that an entry describes, if it does. */
export function ensembleOf(entry: ModelEntry): { readonly manifest: Manifest; readonly ensemble: Ensemble } | undefined {
  const manifest = entry.state === 'served' ? entry.model.manifest : entry.state === 'idle' ? entry.manifest : undefined
  return manifest?.ensemble === undefined ? undefined : { manifest, ensemble: manifest.ensemble }
}

/**
 * The entry of an ensemble with its members: served when they are, idle or loading while one of them is, refused with the reason when one is, is
 * unknown, leads back to the ensemble, or does not agree with the others. Members of a fallback may be refused as long as one is not.
 * @param path names from the ensemble that was asked down to this one
 */
export function resolveEnsemble(entry: ModelEntry, neighbours: Neighbours, path: readonly string[] = [entry.name]): ModelEntry {
  const found = ensembleOf(entry)
  if (found === undefined) return entry
  const { manifest, ensemble } = found
  try {
    const { known, waiting, absent } = findMembers(ensemble, neighbours, path)
    if (waiting.includes('loading')) return { name: entry.name, source: entry.source, state: 'loading' }
    const agreed = agree(
      manifest,
      ensemble,
      known.map((each) => ({ name: each.name, manifest: each.state === 'served' ? each.model.manifest : each.manifest })),
    )
    const members = known.flatMap((each) => (each.state === 'served' ? [each.model] : []))
    if (entry.state !== 'served' || members.length < known.length)
      return { name: entry.name, source: entry.source, state: 'idle', manifest: agreed }
    return { ...entry, model: assemble(entry.model, agreed, ensemble, members, absent) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { reason, message, extras } = error
    return { name: entry.name, source: entry.source, state: 'refused', reason, detail: message, extras, manifest: toldManifest(manifest) }
  }
}

type Known = Extract<ModelEntry, { state: 'served' | 'idle' }>

function findMembers({ rule }: Ensemble, neighbours: Neighbours, path: readonly string[]) {
  const known: Known[] = []
  const waiting: string[] = []
  const absent: AbsentMember[] = []
  for (const name of rule.members) {
    if (path.includes(name)) {
      const cycle = [...path.slice(path.indexOf(name)), name]
      throw new Refused('bad-manifest', `model.json: the ensemble is a member of itself: ${cycle.join(' → ')}`, { cycle })
    }
    const own = neighbours.entry(name)
    if (own === undefined) {
      const nearest = nearestName(name, neighbours.names())
      const hint = nearest === null ? '' : `; the nearest name is ${nearest}`
      throw new Refused('bad-manifest', `model.json: there is no model ${name}${hint}`, { member: name, nearest })
    }
    const member = resolveEnsemble(own, neighbours, [...path, name])
    switch (member.state) {
      case 'refused':
        // A cycle is as much a mistake of this ensemble as of the others in it.
        if (rule.rule !== 'fallback' || member.extras.cycle !== undefined) {
          const { reason, detail, extras } = member
          throw new Refused('bad-manifest', `member ${name} is refused (${reason}): ${detail}`, {
            member: name,
            ...(extras.cycle !== undefined && { cycle: extras.cycle }),
          })
        }
        absent.push({ name, detail: `refused (${member.reason}): ${member.detail}` })
        break
      case 'loading':
        waiting.push('loading')
        break
      case 'idle':
      case 'served':
        known.push(member)
    }
  }
  if (known.length === 0 && waiting.length === 0)
    throw new Refused('bad-manifest', `all members are refused; the first: ${absent[0]!.name} is ${absent[0]!.detail}`)
  return { known, waiting, absent }
}

function assemble(
  model: ServedModel,
  manifest: Manifest,
  { rule, stated, canonical }: Ensemble,
  members: readonly ServedModel[],
  absentMembers: readonly AbsentMember[],
): ServedModel {
  const isStacked = rule.rule === 'stacked'
  const nOutputs = isStacked ? model.nOutputs : outputsOf(rule.rule, members)
  const given = members.flatMap(outputNames)
  if (isStacked) requireInputs(model.featureNames, given)
  const present = new Map(members.map((member) => [member.name, member]))
  const sha256 = ensembleDigest(
    canonical,
    rule.members.map((name) => ({ name, sha256: present.get(name)?.sha256 ?? 'refused' })),
    isStacked ? model.sha256 : undefined,
  )
  if (!isStacked && stated.sha256 !== undefined && stated.sha256 !== sha256) {
    throw new Refused(
      'checksum',
      `model.json states the digest ${stated.sha256}, and that of this manifest with these members is ${sha256}`,
      { expected: stated.sha256, got: sha256 },
    )
  }
  return {
    ...model,
    manifest,
    sha256,
    nOutputs,
    ...(isStacked ? undefined : scorerAmong(model, members)),
    featureNames: isStacked ? model.featureNames : given,
    warnings: [
      ...model.warnings,
      ...signalDoubts(manifest.signal, manifest.timeframe),
      ...absentMembers.map(({ name, detail }) => `member ${name} is left out: ${detail}`),
    ],
    members,
    absentMembers,
  }
}

/** Sums of an ensemble are no finer than what its members give it; a stacked model is scored by its own family. */
function scorerAmong({ scorer }: ServedModel, members: readonly ServedModel[]): Pick<ServedModel, 'precision' | 'scorer'> {
  const precision = members.some((member) => member.precision === 'float32') ? 'float32' : 'float64'
  return { precision, scorer: withPrecision(scorer, precision) }
}

/** What the outputs of a model are called as inputs of another one: its name, or `name.0`, `name.1`, … */
export function outputNames({ name, nOutputs }: Pick<ServedModel, 'name' | 'nOutputs'>): string[] {
  return nOutputs === 1 ? [name] : Array.from({ length: nOutputs }, (_, k) => `${name}.${k}`)
}

function requireInputs(names: readonly string[], given: readonly string[]): void {
  const missing = names.filter((name) => !given.includes(name))
  if (missing.length === 0) return
  throw new Refused('feature-mismatch', `no member gives the input ${missing[0]}; given are ${given.join(', ')}`, {
    missing: missing.slice(0, 50),
    missing_count: missing.length,
    nearest: Object.fromEntries(missing.slice(0, 50).map((name) => [name, nearestName(name, given)])),
  })
}

function outputsOf(rule: Ensemble['rule']['rule'], members: readonly ServedModel[]): number {
  const [first, ...others] = members
  if (rule === 'mean' || rule === 'fallback') {
    const other = others.find(({ nOutputs }) => nOutputs !== first!.nOutputs)
    if (other === undefined) return first!.nOutputs
    throw new Refused(
      'bad-manifest',
      `the members do not agree on their outputs: ${first!.name} has ${first!.nOutputs}, ${other.name} has ${other.nOutputs}`,
    )
  }
  if (rule === 'layer-one') {
    const horizons = others.map(({ manifest }) => manifest.horizonBars)
    const needed = Math.max(...horizons)
    if (first!.nOutputs < needed && !(first!.nOutputs === 1 && others.length === 1))
      throw new Refused(
        'bad-manifest',
        `the sequence model ${first!.name} has ${first!.nOutputs} outputs, the trees look ${needed} bars ahead`,
      )
    return others.length
  }
  const several = members.find(({ nOutputs }) => nOutputs !== 1)
  if (several !== undefined)
    throw new Refused('bad-manifest', `member ${several.name} has ${several.nOutputs} outputs, ${rule} combines members of one`)
  return 1
}
