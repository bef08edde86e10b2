import { Booster } from '../../src/booster.js'
import { compileFor } from '../../src/compile-engine.js'
import { loadModel } from '../../src/load-model.js'
import { ModelFormatError } from '../../src/model-format-error.js'
import { difference } from './same-bits.js'
import { slowBooster } from './slow-booster.js'

const MOST_MS = 2000
const MOST_BYTES = 1 << 20
const MOST_BYTES_PER_BYTE = 32
/** One full block of both builds, and one of the rows that are left. */
const BLOCK_ROWS = 141
const MOST_BLOCK_VALUES = 200_000
const scalar = compileFor(false)

/**
 * Loads a mutant and scores with it when it loads: few rows, blocks of rows, and without SIMD. Returns 'refused' or 'scored'.
 * Throws when it fails in any other way, takes too long or too much memory, or when leaves and scores are not the slow judge's.
 */
export async function tryMutant(bytes: Uint8Array, seed: number): Promise<'refused' | 'scored'> {
  const start = process.cpuUsage()
  let booster: Booster
  try {
    booster = await Booster.load(bytes)
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error
    if (!(error.line >= 1) || error.message.includes('undefined')) throw new Error(`a poor message: ${error.message}`, { cause: error })
    checkTime(start)
    return 'refused'
  }
  if (booster.memoryBytes > MOST_BYTES + MOST_BYTES_PER_BYTE * bytes.length) {
    throw new Error(`${booster.memoryBytes} bytes of memory for ${bytes.length} of model`)
  }
  if (booster.numFeature() > 100_000) return 'scored'
  const rows = new Float64Array(3 * booster.numFeature()).map((_, i) => rowValues[(i * 7 + seed) % rowValues.length] ?? NaN)
  const leaves = booster.predict(rows, { predLeaf: true })
  const raw = booster.predict(rows, { rawScore: true })
  booster.predict(rows)
  try {
    booster.predict(rows, { predContrib: true })
  } catch (error) {
    if (!/linear trees/.test((error as Error).message)) throw error
  }
  checkTime(start)
  compareWithJudge(booster, bytes, rows, leaves, raw)
  if (booster.numFeature() * BLOCK_ROWS <= MOST_BLOCK_VALUES) await compareBlocks(booster, bytes, rows, leaves, raw)
  return 'scored'
}

const rowValues = [0.3, -1.2, NaN, 0, 2.5, Infinity, 1e-36, -0.1, 31, 1e300, -Infinity, 7, -0, 0.01, 3e9, -5]

/** CPU time: on a busy machine the clock tells of others. */
function checkTime(start: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(start)
  const ms = (user + system) / 1000
  if (ms > MOST_MS) throw new Error(`took ${ms} ms`)
}

function compareWithJudge(booster: Booster, bytes: Uint8Array, rows: Float64Array, leaves: Int32Array, raw: Float64Array): void {
  const judge = slowBooster(new TextDecoder().decode(bytes))
  const cols = booster.numFeature()
  const nRows = rows.length / cols
  const each = Array.from({ length: nRows }, (_, i) => rows.subarray(i * cols, (i + 1) * cols))
  const wrong =
    difference(
      leaves,
      each.flatMap((row) => judge.leaves(row)),
    ) ||
    difference(
      raw,
      each.flatMap((row) => judge.raw(row)),
    )
  if (wrong !== '') throw new Error(`not as the slow judge says: ${wrong}`)
}

/** The same rows again and again. */
async function compareBlocks(
  booster: Booster,
  bytes: Uint8Array,
  rows: Float64Array,
  leaves: Int32Array,
  raw: Float64Array,
): Promise<void> {
  const block = repeated(rows)
  const expected = repeated(raw)
  const { engine } = await loadModel(await scalar, bytes)
  const out = new Float64Array(expected.length)
  engine.score(block, BLOCK_ROWS, { ...rawScores, iterations: booster.currentIteration() }, out)
  const wrong = [
    ['blocks', difference(booster.predict(block, { rawScore: true }), expected)],
    ['leaves of blocks', difference(booster.predict(block, { predLeaf: true }), repeated(leaves))],
    ['without SIMD', difference(out, expected)],
  ].filter(([, found]) => found !== '')
  if (wrong.length > 0) throw new Error(`not as single rows: ${wrong.map((each) => each.join(': ')).join('; ')}`)
}

const rawScores = { first: 0, transform: 0, parameter: 1, divideBy: 1, frequency: 0, margin: 0 }

function repeated<T extends Float64Array | Int32Array>(three: T): T {
  const all = new (three.constructor as new (length: number) => T)((three.length / 3) * BLOCK_ROWS)
  for (let at = 0; at < all.length; at += three.length) all.set(three, at)
  return all
}
