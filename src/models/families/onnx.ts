import { Problem } from '../../errors.js'
import { Refused } from '../refused.js'
import type { Family, Scorer } from './family.js'
import { keepsExternalData } from './keeps-external-data.js'
import { createOnnxProcess, type OnnxSession, type OnnxTensor, TookTooLong } from './onnx-process.js'

export interface OnnxLimits {
  /** Longest first run of a model, of one row: those of the fixtures take less than 20 ms. */
  readonly proofMs: number
  /** Longest run of a model that serves, of all rows that are asked at once: less than the 30 s in which the service closes. */
  readonly runMs: number
  /** How long a model whose run took longer is not asked: meanwhile the others are not held up again. */
  readonly restMs: number
}

const usualLimits: OnnxLimits = { proofMs: 10_000, runMs: 25_000, restMs: 300_000 }

/** The models of a process share one runtime; they come and go in it. */
export const onnx: Family = createOnnx()

/**
 * Models exported to ONNX, run by onnxruntime-node, an optional package that is loaded when the first one is. Numbers are float32 on the way in and
 * out. All of them work in one process beside this one. The model must bring all of itself in one file: external data is refused.
 */
export function createOnnx(limits: Partial<OnnxLimits> = {}): Family {
  const runtime = createOnnxProcess()
  const { proofMs, runMs, restMs } = { ...usualLimits, ...limits }
  return {
    name: 'onnx',
    file: 'model.onnx',
    maxBytes: 2 ** 28,
    goldenTolerance: 1e-5,
    isBeside: true,
    prepare: () => runtime.begin(),
    async open(bytes, manifest) {
      if (keepsExternalData(bytes))
        throw new Refused(
          'bad-model',
          'the ONNX model keeps values in other files, which are never read: save it as one file, with them inside',
          {
            code: 'external-data',
          },
        )
      const { input: inputName, output: outputName, shape } = manifest.onnx ?? {}
      let session: OnnxSession
      try {
        session = await runtime.open(bytes)
      } catch (error) {
        if (error instanceof Refused) throw error
        throw new Refused('bad-model', `the ONNX model cannot be loaded: ${firstLine(error)}`, {}, { cause: error })
      }
      try {
        const input = pick(session.inputNames, inputName, 'input')
        const output = pick(session.outputNames, outputName, 'output')
        const rowShape = shape ?? session.rowShape(input)
        if (rowShape === undefined)
          throw new Refused('bad-model', `the shape of the input ${input} is not stated; state it as onnx.shape in the manifest`)
        const nInputs = rowShape.reduce((product, size) => product * size, 1)
        if (!(nInputs >= 1 && nInputs <= 1_000_000)) throw new Refused('bad-model', `an input of ${rowShape.join(' × ')} values per row`)
        const way = { input, output, rowShape, nInputs }
        const nOutputs = (await runRows(session, new Float64Array(nInputs), way, proofMs)).length
        const run = restingAfterLong((rows) => runRows(session, rows, way, runMs), { runMs, restMs })
        // The runtime holds the model, and here its file is kept to open it again.
        return scorer(session, run, nInputs, nOutputs, `onnxruntime-node ${session.version}`, 2 * bytes.byteLength)
      } catch (error) {
        session.dispose()
        if (error instanceof Refused) throw error
        if (error instanceof TookTooLong)
          throw new Refused(
            'bad-model',
            `the ONNX model is not served: its proof run took more than ${proofMs / 1000} s`,
            {},
            { cause: error },
          )
        throw new Refused('bad-model', `the ONNX model cannot be run: ${firstLine(error)}`, {}, { cause: error })
      }
    },
  }
}

/** A run that took too long ended the process of all: the model is not asked again for a while. */
function restingAfterLong(
  run: (rows: Float64Array) => Promise<Float64Array>,
  { runMs, restMs }: Pick<OnnxLimits, 'runMs' | 'restMs'>,
): typeof run {
  let restsUntil = -Infinity
  return async (rows) => {
    if (performance.now() < restsUntil) throw tooLong()
    try {
      return await run(rows)
    } catch (error) {
      if (!(error instanceof TookTooLong)) throw error
      restsUntil = performance.now() + restMs
      throw tooLong(error)
    }
  }

  function tooLong(cause?: Error): Problem {
    const retryAfterSeconds = Math.max(1, Math.ceil((restsUntil - performance.now()) / 1000))
    const detail = `a run of the ONNX model took more than ${runMs / 1000} s and was ended`
    return new Problem('model-unavailable', detail, { reason: 'too-long' }, { cause, retryAfterSeconds })
  }
}

interface Way {
  readonly input: string
  readonly output: string
  /** Shape of one row without the batch. */
  readonly rowShape: readonly number[]
  readonly nInputs: number
}

function scorer(
  session: OnnxSession,
  run: (rows: Float64Array) => Promise<Float64Array>,
  nInputs: number,
  nOutputs: number,
  label: string,
  bytes: number,
): Scorer {
  return {
    featureNames: undefined,
    nInputs,
    nOutputs,
    precision: 'float32',
    label,
    score: undefined,
    async scoreLater(rows) {
      const raw = await run(rows)
      return { raw, pred: raw.slice() }
    },
    inspect: () => ({ nan: [], outsideTrainingRange: [] }),
    doubts: () => [],
    bytes,
    dispose: () => session.dispose(),
  }
}

/** All rows at once where the model takes any number of them, otherwise one after another. */
async function runRows(session: OnnxSession, rows: Float64Array, way: Way, limitMs: number): Promise<Float64Array> {
  const { input, output, rowShape, nInputs } = way
  const nRows = rows.length / nInputs
  const atOnce = session.takesBatches(input) ? nRows : 1
  const parts: Float64Array[] = []
  for (let row = 0; row < nRows; row += atOnce) {
    const values = Float32Array.from(rows.subarray(row * nInputs, (row + atOnce) * nInputs))
    parts.push(numbersOf(await session.run(input, values, [atOnce, ...rowShape], output, limitMs), output))
  }
  if (parts.length === 1) return parts[0]!
  return Float64Array.from(parts.flatMap((part) => Array.from(part)))
}

function numbersOf(tensor: OnnxTensor, name: string): Float64Array {
  if (tensor.data === undefined)
    throw new Refused('bad-model', `the output ${name} is ${tensor.type}, not numbers; state another one as onnx.output`)
  return Float64Array.from(tensor.data)
}

function pick(names: readonly string[], wanted: string | undefined, what: 'input' | 'output'): string {
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted
    throw new Refused('bad-manifest', `model.json: the model has no ${what} ${wanted}; it has ${names.join(', ')}`)
  }
  if (what === 'input' && names.length > 1)
    throw new Refused('bad-model', `the model takes ${names.length} inputs (${names.join(', ')}); models of one are served`)
  // Classifiers of onnxmltools give the label first.
  return names.find((name) => name === 'probabilities') ?? names[0]!
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n', 1)[0]!.slice(0, 300)
}
