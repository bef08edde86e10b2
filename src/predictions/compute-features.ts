import type { Frame } from '../candles/frame.js'
import type { Catalogue, Plan } from '../features/catalogue.js'
import type { ServedModel } from '../models/model.js'

/** One feature row per model, in the order of the models; each float64, missing = NaN, in its booster's order, the caller's to keep. */
export type ComputeFeatures = (models: readonly ServedModel[], frame: Frame) => Float64Array[]

/** Sets of models whose programs are kept compiled. More than that many different ones in turn are compiled again. */
const maxPrograms = 64

/**
 * Computes what models need for the last bar of a frame. Models of one catalogue and window share the work: the union of their
 * features is computed once. The frame must hold their windows whole.
 */
export function createComputeFeatures(catalogues: readonly Catalogue[]): ComputeFeatures {
  const programs = new Map<string, Program>()

  return (models, frame) => programFor(models)(frame)

  function programFor(models: readonly ServedModel[]): Program {
    const key = models.map(({ name, sha256 }) => `${name} ${sha256}`).join('\n')
    const program = programs.get(key) ?? compile(models, catalogues)
    // The newest at the end, so that the first is the one that was not used for the longest time.
    programs.delete(key)
    programs.set(key, program)
    if (programs.size > maxPrograms) programs.delete(programs.keys().next().value as string)
    return program
  }
}

type Program = (frame: Frame) => Float64Array[]

function compile(models: readonly ServedModel[], catalogues: readonly Catalogue[]): Program {
  const groups = new Map<string, Group>()
  for (const [place, model] of models.entries()) {
    const { catalogue, baseBars, bufferBars } = model.manifest.features
    const key = `${catalogue} ${baseBars} ${bufferBars}`
    const group: Group = groups.get(key) ?? { names: new Map(), members: [], first: model }
    groups.set(key, group)
    for (const name of model.featureNames) if (!group.names.has(name)) group.names.set(name, group.names.size)
    group.members.push({ place, columns: Int32Array.from(model.featureNames, (name) => group.names.get(name) as number) })
  }
  const parts = Array.from(groups.values(), (group) => ({ ...group, plan: compilePlan(group, catalogues) }))

  return (frame) => {
    const rows = new Array<Float64Array>(models.length)
    for (const { plan, members } of parts) {
      const union = new Float64Array(plan.names.length)
      plan.compute(frame, frame.nBars - 1, union)
      for (const { place, columns } of members) rows[place] = pick(union, columns)
    }
    return rows
  }
}

/** Models that share a catalogue and a window. */
interface Group {
  /** Every feature of the group and its column. */
  readonly names: Map<string, number>
  readonly members: { readonly place: number; readonly columns: Int32Array }[]
  readonly first: ServedModel
}

function compilePlan({ names, first }: Group, catalogues: readonly Catalogue[]): Plan {
  const { catalogue: wanted, baseBars, bufferBars } = first.manifest.features
  const catalogue = catalogues.find(({ name }) => name === wanted)
  if (catalogue === undefined) throw new Error(`model ${first.name} is served, but its catalogue ${wanted} is not there`)
  return catalogue.compile([...names.keys()], { baseBars, bufferBars })
}

function pick(values: Float64Array, columns: Int32Array): Float64Array {
  const row = new Float64Array(columns.length)
  for (let k = 0; k < columns.length; k++) row[k] = values[columns[k] as number] as number
  return row
}
