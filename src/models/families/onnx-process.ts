import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Refused } from '../refused.js'

/** What a run gives: float32 or float64 as a typed array, of other types nothing but the name. */
export interface OnnxTensor {
  readonly type: string
  readonly data: Float32Array | Float64Array | undefined
}

/** One model in the runtime. Runs may overlap; they are done one after the other. It outlives the process that holds it: the next one opens it again. */
export interface OnnxSession {
  /** Of the runtime. */
  readonly version: string
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** Shape of an input without its batch; undefined when a further size is open. */
  rowShape(input: string): readonly number[] | undefined
  takesBatches(input: string): boolean
  /**
   * @param values row-major in the shape given
   * @param limitMs a run that takes longer is ended, and the process with it
   * @throws TookTooLong
   * @throws Error what the runtime says, or that it ended
   */
  run(input: string, values: Float32Array, shape: readonly number[], output: string, limitMs: number): Promise<OnnxTensor>
  dispose(): void
}

export interface OnnxProcess {
  /** Starts the process and its runtime in the background, so that the first model finds them; says nothing when there is none. */
  begin(): void
  /**
   * @param bytes kept, to open the model again; the caller leaves them as they are
   * @throws Refused `bad-model` that says how to get the optional package
   * @throws TookTooLong
   * @throws Error what the runtime says of the bytes
   */
  open(bytes: Uint8Array): Promise<OnnxSession>
}

/** The runtime did not answer in time; its process was killed, since nothing else stops a run. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong'
}

/** What the process is told; it answers each with one `OnnxReply` of the same id, in order. */
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
  readonly limitMs: number
  readonly resolve: (done: OnnxDone) => void
  readonly reject: (error: Error) => void
}

interface Running {
  readonly child: ChildProcess
  /** In the order in which they are worked on. */
  readonly waiting: Map<number, Waiting>
  /** Of the first that waits. */
  timer?: NodeJS.Timeout
}

/** The largest file, 256 MiB, took seconds. */
const openLimitMs = 30_000
/** A model that is only in the way of others that end the process finds one sooner or later. */
const mostAttempts = 5

/**
 * A process for ONNX models, started when it is first needed: one, because the runtime works on the thread that asks it. A process and no thread,
 * because a model may loop for ever or end what runs it, and native code can be stopped by killing its process only. It does not keep this process
 * alive unless an answer is awaited, and it ends with it.
 */
export function createOnnxProcess(): OnnxProcess {
  let current: Running | undefined
  let asked = 0

  return {
    begin: () => void begin().catch(() => undefined),
    async open(bytes) {
      let held = await place(bytes)
      let placing: Promise<void> | undefined
      let isDisposed = false
      const { version, inputNames, outputNames, shapes } = held.opened
      const shapeOf = (input: string) => shapes[input] ?? []
      return {
        version,
        inputNames,
        outputNames,
        rowShape(input) {
          const sizes = shapeOf(input).slice(1)
          return sizes.length > 0 && sizes.every((size) => typeof size === 'number' && size > 0) ? (sizes as number[]) : undefined
        },
        takesBatches: (input) => !(typeof shapeOf(input)[0] === 'number' && (shapeOf(input)[0] as number) > 0),
        run: (input, values, shape, output, limitMs) =>
          untilDone(async () => {
            if (isDisposed) throw new Error('the model was let go of')
            if (held.running !== current) await (placing ??= placeAgain().finally(() => (placing = undefined)))
            const { running, opened } = held
            return (await ask(running, { work: 'run', session: opened.session, input, values, shape, output }, limitMs)) as OnnxTensor
          }),
        dispose() {
          isDisposed = true
          close()
        },
      }

      async function placeAgain(): Promise<void> {
        held = await place(bytes)
        if (isDisposed) close()
      }

      function close(): void {
        const { running, opened } = held
        if (running === current) void ask(running, { work: 'close', session: opened.session }, openLimitMs).catch(() => undefined)
      }
    },
  }

  async function begin(): Promise<void> {
    await ask((current ??= start()), { work: 'begin' }, openLimitMs)
  }

  function place(bytes: Uint8Array): Promise<{ readonly running: Running; readonly opened: OpenedModel }> {
    return untilDone(async () => {
      const running = (current ??= start())
      return { running, opened: (await ask(running, { work: 'open', bytes }, openLimitMs)) as OpenedModel }
    })
  }

  function ask(running: Running, work: Work, limitMs: number): Promise<OnnxDone> {
    const { child, waiting } = running
    const id = ++asked
    return new Promise((resolve, reject) => {
      waiting.set(id, { limitMs, resolve, reject })
      if (waiting.size === 1) watchFirst(running)
      // That it could not be sent is told by the end of the process.
      child.send({ id, ...work } satisfies OnnxRequest, () => undefined)
    })
  }

  /** Its time begins when it is the first; those behind it have not begun. */
  function watchFirst(running: Running): void {
    clearTimeout(running.timer)
    const [first] = running.waiting.values()
    if (first === undefined) return running.child.channel?.unref()
    running.child.channel?.ref()
    const { limitMs } = first
    running.timer = setTimeout(() => end(running, new TookTooLong(`it took more than ${limitMs / 1000} s`)), limitMs)
  }

  function start(): Running {
    const child = fork(fileURLToPath(new URL('onnx-child.js', import.meta.url)), {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const running: Running = { child, waiting: new Map() }
    const kill = () => void child.kill('SIGKILL')
    process.once('exit', kill)
    child.unref()
    child.channel?.unref()
    child.on('message', (reply: OnnxReply) => {
      const asker = running.waiting.get(reply.id)
      running.waiting.delete(reply.id)
      watchFirst(running)
      if ('error' in reply) asker?.reject(reply.isMissing === true ? isMissing() : new Error(reply.error))
      else asker?.resolve(reply.done)
    })
    child.on('error', (error) => end(running, error))
    child.on('exit', (code, signal) => {
      process.removeListener('exit', kill)
      end(running, new Error(`the process of the ONNX runtime ended (${signal ?? `exit code ${code}`})`))
    })
    return running
  }

  /** The first that waits is what was worked on: it alone failed. */
  function end(running: Running, error: Error): void {
    if (current === running) current = undefined
    clearTimeout(running.timer)
    running.child.kill('SIGKILL')
    const [first, ...others] = running.waiting.values()
    running.waiting.clear()
    first?.reject(error)
    for (const { reject } of others) reject(new Interrupted('other models ended the process of the ONNX runtime again and again'))
  }
}

/** Another's work ended the process. */
class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

async function untilDone<Done>(work: () => Promise<Done>): Promise<Done> {
  for (let left = mostAttempts - 1; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Interrupted) || left === 0) throw error
    }
  }
}

function isMissing(): Refused {
  return new Refused(
    'bad-model',
    'ONNX models need the optional package onnxruntime-node, which is not installed: npm install onnxruntime-node',
    { code: 'onnxruntime-missing' },
  )
}
