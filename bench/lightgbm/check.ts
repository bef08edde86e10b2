import type { Contestant } from './contestant.js'
import { differing, ulpDistance } from './compare-bits.js'
import type { Model } from './prepare.js'

/** What comparing one model gave: values compared, values with another bit, and outputs by their distance in ulp. */
export interface Checked {
  model: Model
  values: number
  raw: number
  leaf: number
  contrib: number | 'refused'
  /** Outputs that are 0, 1, 2, 3 or 4 and more than 4 ulp off. */
  ulp: [number, number, number, number, number]
  /** Everything that does not hold, in words. */
  failures: string[]
}

const paths = ['fast', 'mixed', 'mat'] as const
const kinds = ['raw', 'leaf', 'contrib', 'pred'] as const

/** Asks every scorer for everything in every way and compares it with native LightGBM, bit by bit; outputs within 4 ulp. */
export async function check(model: Model, native: Contestant, scorers: readonly Contestant[]): Promise<Checked> {
  const checked: Checked = { model, values: 0, raw: 0, leaf: 0, contrib: 0, ulp: [0, 0, 0, 0, 0], failures: [] }
  for (const contestant of [native, ...scorers]) {
    await contestant.ask(`model ${model.modelPath}`)
    await contestant.ask(`rows ${model.rowsPath} ${model.columns}`)
  }
  for (const kind of kinds) {
    for (const type of ['f64', 'f32']) await checkKind(checked, kind, type, native, scorers)
  }
  return checked
}

async function checkKind(checked: Checked, kind: (typeof kinds)[number], type: string, native: Contestant, scorers: readonly Contestant[]) {
  const { model } = checked
  const [start, n] = kind === 'contrib' ? contribRows(model) : [0, model.ordinary + model.hostile]
  const early = kind === 'raw' || kind === 'pred' ? model.predict : ''
  const dump = (how: string, parameters: string) => `dump ${how} ${kind} ${type} ${start} ${n} ${parameters}`.trim()
  for (const parameters of early ? ['', early] : ['']) {
    const theirs = await answerOf(native, dump('mat', parameters))
    for (const scorer of scorers) {
      for (const how of paths) {
        const where = `${model.name}: ${kind} ${type} ${how} ${parameters} (${scorer.name})`
        const ours = await answerOf(scorer, dump(how, parameters))
        if (theirs instanceof Error || ours instanceof Error) {
          if (kind === 'contrib' && theirs instanceof Error) checked.contrib = 'refused'
          if (!(theirs instanceof Error) || !(ours instanceof Error))
            checked.failures.push(`${where}: refused by one side only: ${String(ours)}`)
          continue
        }
        if (ours.length !== theirs.length) {
          checked.failures.push(`${where}: ${ours.length} values instead of ${theirs.length}`)
          continue
        }
        checked.values += ours.length
        note(checked, kind, where, ours, theirs)
      }
    }
  }
}

function note(checked: Checked, kind: (typeof kinds)[number], where: string, ours: Float64Array, theirs: Float64Array) {
  if (kind !== 'pred') {
    const count = differing(ours, theirs)
    if (count > 0) checked.failures.push(`${where}: ${count} of ${ours.length} differ`)
    checked[kind] = Number(checked[kind]) + count
    return
  }
  let far = 0
  for (let i = 0; i < ours.length; i++) {
    const distance = ulpDistance(ours[i]!, theirs[i]!)
    const bin = distance > 4 ? 4 : distance > 2 ? 3 : distance
    checked.ulp[bin as 0]++
    if (bin === 4) far++
  }
  if (far > 0) checked.failures.push(`${where}: ${far} of ${ours.length} are more than 4 ulp off`)
}

/** Contributions cost about a thousand times a score, so they are asked for the rows on both sides of the first hostile one. */
function contribRows(model: Model): [start: number, n: number] {
  const n = model.nodes > 60_000 ? 20 : model.nodes > 15_000 ? 80 : 200
  return [model.ordinary - n / 2, n]
}

async function answerOf(contestant: Contestant, line: string): Promise<Float64Array | Error> {
  try {
    return await contestant.numbers(line)
  } catch (error) {
    return error as Error
  }
}
