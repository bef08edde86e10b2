import { hash } from 'node:crypto'
import type { Frame } from '../candles/frame.js'
import type { Catalogue, Plan } from '../features/catalogue.js'
import type { ServedModel } from '../models/model.js'

/**
 * Feature rows of bars.
 * @param bars indices of the target bars in `frame`, which holds the models' windows of each of them whole
 * @returns one matrix per model, in the order of the models: row-major [bars × features], float64, missing = NaN, in its booster's
 * order, the caller's to keep
 */
export type ComputeFeatures = (models: readonly ServedModel[], frame: Frame, bars: Int32Array) => Float64Array[]

/** Sets of models whose programs are kept compiled. More than that many different ones in turn are compiled again. */
const maxPrograms = 64

/**
 * Computes what models need for bars of a frame. Models of one catalogue and window share the work: the union of their features is
 * computed once.
 */
export function createComputeFeatures(catalogues: readonly Catalogue[]): ComputeFeatures {
  const programs = new Map<string, ComputeBars>()
  const needs = new WeakMap<ServedModel, string>()

  return (models, frame, bars) => programFor(models)(frame, bars)

  function programFor(models: readonly ServedModel[]): ComputeBars {
    const key = models.map(needOf).join(' ')
    const program = programs.get(key) ?? compile(models, catalogues)
    // The newest at the end, so that the first is the one that was not used for the longest time.
    programs.delete(key)
    programs.set(key, program)
    if (programs.size > maxPrograms) programs.delete(programs.keys().next().value as string)
    return program
  }

  /** Hashed once per model: 440 names take longer than a lookup, and a request has a model of its own only while an old one is replayed. */
  function needOf(model: ServedModel): string {
    let need = needs.get(model)
    if (need === undefined) needs.set(model, (need = describeNeed(model)))
    return need
  }
}

/** All of a model that its program depends on. Its file says too little: a changed manifest is another program of the same file. */
function describeNeed({ featureNames, manifest: { features } }: ServedModel): string {
  const { catalogue, baseBars, bufferBars } = features
  return hash('sha256', JSON.stringify([catalogue, baseBars, bufferBars, featureNames]), 'base64url')
}

type ComputeBars = (frame: Frame, bars: Int32Array) => Float64Array[]

function compile(models: readonly ServedModel[], catalogues: readonly Catalogue[]): ComputeBars {
  const groups = new Map<string, Group>()
  for (const [place, model] of models.entries()) {
    const { catalogue, baseBars, bufferBars } = model.manifest.features
    const key = `${catalogue} ${baseBars} ${bufferBars}`
    const group: Group = groups.get(key) ?? { names: new Map(), members: [], first: model }
    groups.set(key, group)
    for (const name of model.featureNames) if (!group.names.has(name)) group.names.set(name, group.names.size)
    group.members.push({ place, columns: Int32Array.from(model.featureNames, (name) => group.names.get(name) as number) })
  }
  const parts = Array.from(groups.values(), (group) => {
    const plan = compilePlan(group, catalogues)
    return { members: group.members, plan, union: new Float64Array(plan.names.length) }
  })

  // Nothing of the models is held on to: they may be swapped for others long before their program is.
  const widths = models.map(({ featureNames }) => featureNames.length)
  return (frame, bars) => {
    const matrices = widths.map((width) => new Float64Array(bars.length * width))
    for (const { plan, members, union } of parts) {
      for (let row = 0; row < bars.length; row++) {
        plan.compute(frame, bars[row]!, union)
        for (const { place, columns } of members) pick(union, columns, matrices[place]!, row * columns.length)
      }
    }
    return matrices
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

function pick(values: Float64Array, columns: Int32Array, out: Float64Array, offset: number): void {
  for (let k = 0; k < columns.length; k++) out[offset + k] = values[columns[k] as number] as number
}
