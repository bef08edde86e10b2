import { Refused } from '../refused.js'

/** A part of what a run gives. */
export interface OnnxTensor {
  readonly type: string
  readonly data: unknown
}

/** One model in the runtime. Runs may overlap. */
export interface OnnxSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** Shape of an input without its batch; undefined when a further size is open. */
  rowShape(input: string): readonly number[] | undefined
  takesBatches(input: string): boolean
  run(input: string, values: Float32Array, shape: readonly number[], output: string): Promise<OnnxTensor>
  dispose(): void
}

export interface Onnxruntime {
  readonly version: string
  createSession(bytes: Uint8Array): Promise<OnnxSession>
}

/**
 * The optional package `onnxruntime-node`, when it is there.
 * @throws Refused `bad-model` that says how to get it
 */
export async function loadOnnxruntime(): Promise<Onnxruntime> {
  const name = 'onnxruntime-node'
  let runtime: Runtime
  try {
    const imported = (await import(name)) as Runtime & { readonly default?: Runtime }
    runtime = imported.default ?? imported
  } catch (error) {
    throw new Refused(
      'bad-model',
      'ONNX models need the optional package onnxruntime-node, which is not installed: npm install onnxruntime-node',
      { code: 'onnxruntime-missing' },
      { cause: error },
    )
  }
  const { InferenceSession, Tensor, env } = runtime
  return {
    version: env.versions.node ?? env.versions.common,
    async createSession(bytes) {
      const session = await InferenceSession.create(bytes, {
        executionProviders: ['cpu'],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        // Without it memory is given back after each run instead of kept per model.
        enableCpuMemArena: false,
        logSeverityLevel: 4,
      })
      const shapeOf = (input: string) => {
        const metadata = session.inputMetadata.find((each) => each.name === input)
        return metadata?.shape ?? []
      }
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        rowShape(input) {
          const sizes = shapeOf(input).slice(1)
          return sizes.length > 0 && sizes.every((size) => typeof size === 'number' && size > 0) ? (sizes as number[]) : undefined
        },
        takesBatches: (input) => !(typeof shapeOf(input)[0] === 'number' && (shapeOf(input)[0] as number) > 0),
        async run(input, values, shape, output) {
          const results = await session.run({ [input]: new Tensor('float32', values, [...shape]) }, [output])
          return results[output]!
        },
        dispose: () => void session.release(),
      }
    },
  }
}

/** What is used of the package; its own types are there only where it is installed. */
interface Runtime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<RuntimeSession>
  }
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: number[]) => OnnxTensor
  readonly env: { readonly versions: { readonly common: string; readonly node?: string } }
}

interface RuntimeSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly inputMetadata: readonly { readonly name: string; readonly shape?: readonly (number | string)[] }[]
  run(feeds: Readonly<Record<string, OnnxTensor>>, outputs: readonly string[]): Promise<Readonly<Record<string, OnnxTensor>>>
  release(): Promise<void>
}
