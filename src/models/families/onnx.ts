import { Refused } from '../refused.js'
import type { Family, Scorer } from './family.js'
import { keepsExternalData } from './keeps-external-data.js'
import { createOnnxThread, type OnnxSession, type OnnxTensor } from './onnx-thread.js'

/** As the library is there once in a process, so is the thread that it works on; models come and go on it. */
const thread = createOnnxThread()

/**
 * Models exported to ONNX, run by onnxruntime-node, an optional package that is loaded when the first one is. Numbers are float32 on the way in and
 * out. All of them work on one thread beside the event loop. The model must bring all of itself in one file: external data is refused.
 */
export const onnx: Family = {
  name: 'onnx',
  file: 'model.onnx',
  maxBytes: 2 ** 28,
  goldenTolerance: 1e-5,
  prepare: () => thread.begin(),
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
      session = await thread.open(bytes)
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
      const run = (rows: Float64Array) => runRows(session, rows, { input, output, rowShape, nInputs })
      const nOutputs = (await run(new Float64Array(nInputs))).length
      return scorer(session, run, nInputs, nOutputs, `onnxruntime-node ${session.version}`, bytes.byteLength)
    } catch (error) {
      session.dispose()
      throw error instanceof Refused
        ? error
        : new Refused('bad-model', `the ONNX model cannot be run: ${firstLine(error)}`, {}, { cause: error })
    }
  },
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
async function runRows(session: OnnxSession, rows: Float64Array, { input, output, rowShape, nInputs }: Way): Promise<Float64Array> {
  const nRows = rows.length / nInputs
  const atOnce = session.takesBatches(input) ? nRows : 1
  const parts: Float64Array[] = []
  for (let row = 0; row < nRows; row += atOnce) {
    const values = Float32Array.from(rows.subarray(row * nInputs, (row + atOnce) * nInputs))
    parts.push(numbersOf(await session.run(input, values, [atOnce, ...rowShape], output), output))
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
