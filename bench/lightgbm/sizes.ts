import type { Contestant } from './contestant.js'
import { median } from './measure.js'
import type { Model } from './prepare.js'

/** Bytes that one loaded booster takes, each measured in a fresh process. */
export interface Sizes {
  model: Model
  /** Growth of malloc'ed bytes in native LightGBM. */
  nativeHeap: number
  nativeResident: number
  /** Growth of linear memory, of the JavaScript heap and of the resident set. */
  linear: number
  jsHeap: number
  resident: number
  /** The same linear memory and JavaScript heap after a call of 1,000 rows. */
  linearAfterCall: number
  jsHeapAfterCall: number
  /** Longest stop of the event loop while the model loads, in milliseconds: the first load of the process, and the median of the next ones. */
  firstBlockMs: number
  blockMs: number
  /** All WebAssembly that was compiled, in bytes. */
  wasmBytes: number
}

export async function measureSizes(model: Model, openNative: () => Contestant, openScorer: () => Contestant): Promise<Sizes> {
  const native = openNative()
  await native.ask(`model ${model.modelPath}`)
  const [nativeHeap, nativeResident] = await native.numbers('heap')
  await native.close()

  const scorer = openScorer()
  // The model that the process holds is loaded before the first of the measured ones, so code and caches are not counted.
  await scorer.ask(`rows ${model.rowsPath} ${model.columns}`)
  await scorer.ask(`model ${model.modelPath}`)
  await scorer.ask('time fast raw f64 0 10 1')
  const [linear, jsHeap, , resident, linearAfterCall, jsHeapAfterCall] = await scorer.numbers('memory')
  const [wasmBytes] = await scorer.numbers('wasm')
  await scorer.close()

  const loader = openScorer()
  await loader.ask(`text ${model.modelPath}`)
  const blocks: number[] = []
  for (let i = 0; i < 6; i++) blocks.push((await loader.numbers('block'))[0]!)
  await loader.close()
  return {
    model,
    nativeHeap: nativeHeap!,
    nativeResident: nativeResident!,
    linear: linear!,
    jsHeap: jsHeap!,
    resident: resident!,
    linearAfterCall: linearAfterCall!,
    jsHeapAfterCall: jsHeapAfterCall!,
    firstBlockMs: blocks[0]!,
    blockMs: median(blocks.slice(1)),
    wasmBytes: wasmBytes!,
  }
}
