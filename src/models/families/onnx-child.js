// @ts-check
import { Worker } from 'node:worker_threads'

/**
 * The program of the process that `createOnnxProcess` starts: the optional package onnxruntime-node, and every model that it holds. The package runs a
 * model on the thread that asks; here nobody else waits for it. JavaScript, because Node 20 does not take TypeScript from the sources.
 *
 * @typedef {{ type: string, data: unknown }} Tensor
 * @typedef {object} Session
 * @property {readonly string[]} inputNames
 * @property {readonly string[]} outputNames
 * @property {readonly { name: string, shape?: readonly (number | string)[] }[]} inputMetadata
 * @property {(feeds: Record<string, Tensor>, outputs: readonly string[]) => Promise<Record<string, Tensor>>} run
 * @property {() => Promise<void>} release
 * @typedef {object} Runtime What is used of the package; its own types are there only where it is installed.
 * @property {{ create: (bytes: Uint8Array, options: Record<string, unknown>) => Promise<Session> }} InferenceSession
 * @property {new (type: 'float32', data: Float32Array, dims: number[]) => Tensor} Tensor
 * @property {{ versions: { common: string, node?: string } }} env
 */
const name = 'onnxruntime-node'
const options = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  // Without it memory is given back after each run instead of kept per model.
  enableCpuMemArena: false,
  logSeverityLevel: 4,
}
/** @type {Map<number, Session>} */
const sessions = new Map()
let opened = 0

// Who started it says when it ends: signals to the whole group (Ctrl-C) leave it to answer what is in flight.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
process.once('disconnect', () => process.exit())
const runtime = await load()
if (runtime !== undefined) await warm(runtime)
endWithParent()
// One after the other: a model that is let go of while it runs would fail, since the package begins a run a moment after it is asked.
let last = Promise.resolve()
process.on('message', (request) => {
  last = last.then(() => answer(/** @type {import('./onnx-process.js').OnnxRequest} */ (request)))
})

/** @returns {Promise<Runtime | undefined>} undefined: the package is not there */
async function load() {
  try {
    const imported = await import(name)
    return imported.default ?? imported
  } catch {
    return undefined
  }
}

/**
 * Makes a session of a model that does nothing: the first one of a process takes 30 to 90 ms, further ones below one.
 * @param {Runtime} runtime
 */
async function warm({ InferenceSession }) {
  // Identity, [N, 1] → [N, 1].
  const nothing = Buffer.from(
    'CAg6QQoQCgF4EgF5IghJZGVudGl0eRIBZ1oUCgF4Eg8KDQgBEgkKAxIBTgoCCAFiFAoBeRIPCg0IARIJCgMSAU4KAggBQgIQDQ==',
    'base64',
  )
  try {
    await (await InferenceSession.create(nothing, options)).release()
  } catch {
    // What is wrong with the runtime is told of the first model.
  }
}

/** A run that never ends would outlive a parent that was killed: the thread of the run does not learn of it, so another one looks. */
function endWithParent() {
  const look = `setInterval(() => process.ppid === ${process.ppid} || process.kill(process.pid, 'SIGKILL'), 1000)`
  new Worker(look, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 } }).unref()
}

/** @param {import('./onnx-process.js').OnnxRequest} request */
async function answer(request) {
  const { id } = request
  try {
    if (runtime === undefined) reply({ id, error: `${name} is not installed`, isMissing: true })
    else reply({ id, done: await work(runtime, request) })
  } catch (error) {
    reply({ id, error: error instanceof Error ? error.message : String(error) })
  }
}

/** @param {import('./onnx-process.js').OnnxReply} message */
function reply(message) {
  process.send?.(message)
}

/**
 * @param {Runtime} runtime
 * @param {import('./onnx-process.js').OnnxRequest} request
 * @returns {Promise<import('./onnx-process.js').OnnxDone>}
 */
async function work({ InferenceSession, Tensor, env }, request) {
  switch (request.work) {
    case 'begin':
      return undefined
    case 'open': {
      const session = await InferenceSession.create(request.bytes, options)
      const { inputNames, outputNames, inputMetadata } = session
      sessions.set(++opened, session)
      const shapes = Object.fromEntries(inputMetadata.map((input) => [input.name, [...(input.shape ?? [])]]))
      const version = env.versions.node ?? env.versions.common
      return { session: opened, version, inputNames: [...inputNames], outputNames: [...outputNames], shapes }
    }
    case 'run': {
      const session = sessions.get(request.session)
      if (session === undefined) throw new Error('the model was let go of')
      const { input, values, shape, output } = request
      const results = await session.run({ [input]: new Tensor('float32', values, [...shape]) }, [output])
      const tensor = results[output]
      const { type, data } = /** @type {Tensor} */ (tensor)
      return { type, data: data instanceof Float32Array || data instanceof Float64Array ? data : undefined }
    }
    case 'close': {
      const session = sessions.get(request.session)
      sessions.delete(request.session)
      await session?.release()
      return undefined
    }
  }
}
