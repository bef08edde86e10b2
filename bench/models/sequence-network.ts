import { type Node, onnxBytes, type Tensor } from './onnx-bytes.js'
import { createNormal, createRandom } from './random.js'

export interface NetworkOptions {
  /** Rows of a sequence, and values of a row. */
  readonly steps: number
  readonly nInputs: number
  readonly hidden: number
  readonly layers: number
  readonly directions: 1 | 2
  readonly nOutputs: number
  readonly seed: number
}

/** A recurrent network as ONNX, and what it is worth, computed plainly in float64. */
export interface Network {
  readonly bytes: Buffer
  /** sequence: row-major [steps × nInputs] → its outputs */
  readonly score: (sequence: ArrayLike<number>) => number[]
}

interface Layer {
  readonly nInputs: number
  /** Of each direction, gates in the order i, o, f, c: [4 × hidden × nInputs], [4 × hidden × hidden], [8 × hidden]. */
  readonly w: Float32Array[]
  readonly r: Float32Array[]
  readonly b: Float32Array[]
}

/** Layers of LSTM, one upon the other, and a linear one upon their last states; weights at random. */
export function writeNetwork(options: NetworkOptions): Network {
  const { steps, nInputs, hidden, layers: nLayers, directions, nOutputs, seed } = options
  const normal = createNormal(createRandom(seed))
  const weights = (count: number, deviation: number) => Float32Array.from({ length: count }, () => normal() * deviation)
  const layers = Array.from({ length: nLayers }, (_, k): Layer => {
    const width = k === 0 ? nInputs : directions * hidden
    const each = (count: number, deviation: number) => Array.from({ length: directions }, () => weights(count, deviation))
    return {
      nInputs: width,
      w: each(4 * hidden * width, 0.5 / Math.sqrt(width)),
      r: each(4 * hidden * hidden, 0.5 / Math.sqrt(hidden)),
      b: each(8 * hidden, 0.1),
    }
  })
  const last = weights(directions * hidden * nOutputs, 1 / Math.sqrt(hidden))
  return { bytes: toOnnx(options, layers, last), score }

  function score(sequence: ArrayLike<number>): number[] {
    let values = Float64Array.from(sequence, Math.fround)
    let ends: number[] = []
    for (const layer of layers) {
      const out = new Float64Array(steps * directions * hidden)
      ends = []
      for (let direction = 0; direction < directions; direction++) {
        ends.push(...runLayer(layer, direction, values, out))
      }
      values = out
    }
    return Array.from({ length: nOutputs }, (_, k) => ends.reduce((sum, end, i) => sum + end * last[i * nOutputs + k]!, 0))
  }

  /** Fills one direction's columns of [steps × directions·hidden]; answers its last state. */
  function runLayer({ nInputs: width, w, r, b }: Layer, direction: number, values: Float64Array, out: Float64Array): Float64Array {
    const [wd, rd, bd] = [w[direction]!, r[direction]!, b[direction]!]
    let state = new Float64Array(hidden)
    const cell = new Float64Array(hidden)
    for (let step = 0; step < steps; step++) {
      const at = direction === 0 ? step : steps - 1 - step
      const gate = (row: number): number => {
        let sum = bd[row]! + bd[4 * hidden + row]!
        for (let k = 0; k < width; k++) sum += wd[row * width + k]! * values[at * width + k]!
        for (let k = 0; k < hidden; k++) sum += rd[row * hidden + k]! * state[k]!
        return sum
      }
      state = Float64Array.from({ length: hidden }, (_, h) => {
        cell[h] = sigmoid(gate(2 * hidden + h)) * cell[h]! + sigmoid(gate(h)) * Math.tanh(gate(3 * hidden + h))
        return sigmoid(gate(hidden + h)) * Math.tanh(cell[h])
      })
      out.set(state, (at * directions + direction) * hidden)
    }
    return state
  }
}

function toOnnx({ steps, nInputs, hidden, directions, nOutputs }: NetworkOptions, layers: readonly Layer[], last: Float32Array): Buffer {
  const nodes: Node[] = [{ type: 'Transpose', inputs: ['input'], outputs: ['x0'], attributes: { perm: [1, 0, 2] } }]
  const weights: Tensor[] = [{ name: 'rows', dims: [3], data: BigInt64Array.from([0n, 0n, -1n]) }]
  layers.forEach(({ nInputs: width, w, r, b }, k) => {
    weights.push({ name: `w${k}`, dims: [directions, 4 * hidden, width], data: join(w) })
    weights.push({ name: `r${k}`, dims: [directions, 4 * hidden, hidden], data: join(r) })
    weights.push({ name: `b${k}`, dims: [directions, 8 * hidden], data: join(b) })
    nodes.push(
      {
        type: 'LSTM',
        inputs: [`x${k}`, `w${k}`, `r${k}`, `b${k}`],
        outputs: [`y${k}`, `end${k}`],
        attributes: { hidden_size: hidden, direction: directions === 2 ? 'bidirectional' : 'forward' },
      },
      { type: 'Transpose', inputs: [`y${k}`], outputs: [`t${k}`], attributes: { perm: [0, 2, 1, 3] } },
      { type: 'Reshape', inputs: [`t${k}`, 'rows'], outputs: [`x${k + 1}`] },
    )
  })
  // Of the last layer only the last states are wanted.
  nodes.splice(-2)
  weights.push({ name: 'last', dims: [directions * hidden, nOutputs], data: last })
  nodes.push(
    { type: 'Transpose', inputs: [`end${layers.length - 1}`], outputs: ['ends'], attributes: { perm: [1, 0, 2] } },
    { type: 'Flatten', inputs: ['ends'], outputs: ['flat'], attributes: { axis: 1 } },
    { type: 'MatMul', inputs: ['flat', 'last'], outputs: ['output'] },
  )
  return onnxBytes({ nodes, weights, input: { name: 'input', shape: [steps, nInputs] }, output: { name: 'output', shape: [nOutputs] } })
}

function join(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]))
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}
