import { Worker } from 'node:worker_threads'
import { Refused } from '../refused.js'

/** What a run gives: float32 or float64 as a typed array, of other types nothing but the name. */
export interface OnnxTensor {
  readonly type: string
  readonly data: Float32Array | Float64Array | undefined
}

/** One model in the runtime. Runs may overlap; they are done one after the other. */
export interface OnnxSession {
  /** Of the runtime. */
  readonly version: string
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** Shape of an input without its batch; undefined when a further size is open. */
  rowShape(input: string): readonly number[] | undefined
  takesBatches(input: string): boolean
  /** @param values row-major in the shape given; the thread's afterwards */
  run(input: string, values: Float32Array<ArrayBuffer>, shape: readonly number[], output: string): Promise<OnnxTensor>
  dispose(): void
}

export interface OnnxThread {
  /** Starts the thread and its runtime in the background, so that the first model finds them; says nothing when there is none. */
  begin(): void
  /**
   * @throws Refused `bad-model` that says how to get the optional package
   * @throws Error what the runtime says of the bytes
   */
  open(bytes: Uint8Array): Promise<OnnxSession>
}

/** What the thread is told; it answers each with one `OnnxReply` of the same id. */
export type OnnxRequest = { readonly id: number } & (
  | { readonly work: 'begin' }
  | { readonly work: 'open'; readonly bytes: Uint8Array }
  | {
      readonly work: 'run'
      readonly session: number
      readonly input: string
      readonly values: Float32Array
      readonly shape: readonly number[]
      readonly output: string
    }
  | { readonly work: 'close'; readonly session: number }
)

export type OnnxDone = OpenedModel | OnnxTensor | undefined

export type OnnxReply = { readonly id: number } & ({ readonly done: OnnxDone } | { readonly error: string; readonly isMissing?: boolean })

export interface OpenedModel {
  readonly session: number
  readonly version: string
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly shapes: Readonly<Record<string, readonly (number | string)[]>>
}

type Work<Request = OnnxRequest> = Request extends unknown ? Omit<Request, 'id'> : never

interface Waiting {
  readonly resolve: (done: OnnxDone) => void
  readonly reject: (error: Error) => void
}

/**
 * A thread for ONNX models, started when it is first needed: one, because the runtime works on the thread that asks it. It does not keep the process
 * alive unless an answer is awaited.
 */
export function createOnnxThread(): OnnxThread {
  let running: { readonly worker: Worker; readonly waiting: Map<number, Waiting> } | undefined
  let asked = 0

  return {
    begin: () => void ask({ work: 'begin' }).catch(() => undefined),
    async open(bytes) {
      // A copy of just these bytes: they may lie in a larger buffer, all of which would be sent.
      const copy = new Uint8Array(bytes)
      const opened = (await ask({ work: 'open', bytes: copy }, [copy.buffer])) as OpenedModel
      const { session, shapes } = opened
      const own = running
      const shapeOf = (input: string) => shapes[input] ?? []
      return {
        ...opened,
        rowShape(input) {
          const sizes = shapeOf(input).slice(1)
          return sizes.length > 0 && sizes.every((size) => typeof size === 'number' && size > 0) ? (sizes as number[]) : undefined
        },
        takesBatches: (input) => !(typeof shapeOf(input)[0] === 'number' && (shapeOf(input)[0] as number) > 0),
        async run(input, values, shape, output) {
          if (running !== own) throw new Error('the thread that held the model has ended')
          return (await ask({ work: 'run', session, input, values, shape, output }, [values.buffer])) as OnnxTensor
        },
        dispose() {
          if (running === own) void ask({ work: 'close', session }).catch(() => undefined)
        },
      }
    },
  }

  function ask(work: Work, transfer: readonly ArrayBuffer[] = []): Promise<OnnxDone> {
    const { worker, waiting } = (running ??= start())
    const id = ++asked
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      worker.ref()
      worker.postMessage({ id, ...work } satisfies OnnxRequest, transfer)
    })
  }

  function start(): NonNullable<typeof running> {
    const worker = new Worker(new URL('onnx-worker.js', import.meta.url))
    const waiting = new Map<number, Waiting>()
    worker.on('message', (reply: OnnxReply) => {
      const asker = waiting.get(reply.id)
      waiting.delete(reply.id)
      if (waiting.size === 0) worker.unref()
      if ('error' in reply) asker?.reject(reply.isMissing === true ? isMissing() : new Error(reply.error))
      else asker?.resolve(reply.done)
    })
    const end = (error: Error) => {
      if (running?.worker === worker) running = undefined
      for (const { reject } of waiting.values()) reject(error)
      waiting.clear()
    }
    worker.on('error', end)
    worker.on('exit', () => end(new Error('the thread of the ONNX runtime has ended')))
    return { worker, waiting }
  }
}

function isMissing(): Refused {
  return new Refused(
    'bad-model',
    'ONNX models need the optional package onnxruntime-node, which is not installed: npm install onnxruntime-node',
    { code: 'onnxruntime-missing' },
  )
}
