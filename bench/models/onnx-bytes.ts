/** What an attribute of a node can hold here. */
export type Attribute = number | string | readonly number[]

export interface Node {
  readonly type: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, Attribute>>
}

export interface Tensor {
  readonly name: string
  readonly dims: readonly number[]
  readonly data: Float32Array | BigInt64Array
}

export interface Graph {
  readonly nodes: readonly Node[]
  readonly weights: readonly Tensor[]
  /** Shapes without the batch, which is open. */
  readonly input: { readonly name: string; readonly shape: readonly number[] }
  readonly output: { readonly name: string; readonly shape: readonly number[] }
}

/** A model of operator set 13 as ONNX's protobuf: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
export function onnxBytes({ nodes, weights, input, output }: Graph): Buffer {
  const graph = [
    ...nodes.map((node) => bytesField(1, nodeBytes(node))),
    bytesField(2, Buffer.from('bench')),
    ...weights.map((weight) => bytesField(5, tensorBytes(weight))),
    bytesField(11, valueBytes(input)),
    bytesField(12, valueBytes(output)),
  ]
  return Buffer.concat([intField(1, 8), bytesField(7, Buffer.concat(graph)), bytesField(8, intField(2, 13))])
}

const FLOAT = 1
const INT64 = 7

function nodeBytes({ type, inputs, outputs, attributes = {} }: Node): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => bytesField(1, Buffer.from(name))),
    ...outputs.map((name) => bytesField(2, Buffer.from(name))),
    bytesField(4, Buffer.from(type)),
    ...Object.entries(attributes).map(([name, value]) => bytesField(5, attributeBytes(name, value))),
  ])
}

function attributeBytes(name: string, value: Attribute): Buffer {
  const head = bytesField(1, Buffer.from(name))
  if (typeof value === 'number') return Buffer.concat([head, intField(3, value), intField(20, 2)])
  if (typeof value === 'string') return Buffer.concat([head, bytesField(4, Buffer.from(value)), intField(20, 3)])
  return Buffer.concat([head, ...value.map((each) => intField(8, each)), intField(20, 7)])
}

function tensorBytes({ name, dims, data }: Tensor): Buffer {
  return Buffer.concat([
    ...dims.map((size) => intField(1, size)),
    intField(2, data instanceof Float32Array ? FLOAT : INT64),
    bytesField(8, Buffer.from(name)),
    bytesField(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  ])
}

function valueBytes({ name, shape }: Graph['input']): Buffer {
  const batch = bytesField(1, bytesField(2, Buffer.from('N')))
  const dims = shape.map((size) => bytesField(1, intField(1, size)))
  const type = bytesField(1, Buffer.concat([intField(1, FLOAT), bytesField(2, Buffer.concat([batch, ...dims]))]))
  return Buffer.concat([bytesField(1, Buffer.from(name)), bytesField(2, type)])
}

function intField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)])
}

function bytesField(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
  return Buffer.from([...bytes, value])
}
