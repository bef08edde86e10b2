/**
 * Whether an ONNX model names other files that hold its weights. The runtime would look for them from the working directory of the process, wherever
 * the model says: such a model is never given to it. Walks the protobuf messages that can hold a tensor; what cannot be walked is left to the
 * runtime, which refuses it. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function keepsExternalData(bytes: Uint8Array): boolean {
  return holds(bytes, 'model', 0)
}

type Message = 'model' | 'function' | 'graph' | 'node' | 'attribute' | 'sparse' | 'training' | 'tensor'

/** Field number → the message in it. */
const inside: Readonly<Record<Exclude<Message, 'tensor'>, Readonly<Record<number, Message>>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node', 11: 'attribute' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
}
const EXTERNAL_DATA = 13
const DATA_LOCATION = 14
const mostLevels = 200

function holds(bytes: Uint8Array, message: Message, level: number): boolean {
  if (level > mostLevels) return true
  for (const { number, content, value } of fields(bytes)) {
    if (message === 'tensor') {
      if (number === EXTERNAL_DATA || (number === DATA_LOCATION && value !== 0)) return true
      continue
    }
    const within = inside[message][number]
    if (within !== undefined && content !== undefined && holds(content, within, level + 1)) return true
  }
  return false
}

interface Field {
  readonly number: number
  /** Of fields with a length. */
  readonly content?: Uint8Array
  /** Of whole numbers. */
  readonly value?: number
}

/** The fields of a message, until one that cannot be read. */
function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0
  while (at < bytes.length) {
    const key = varint()
    const number = Math.floor(key / 8)
    switch (key % 8) {
      case 0:
        yield { number, value: varint() }
        break
      case 1:
        at += 8
        break
      case 2: {
        const length = varint()
        yield { number, content: bytes.subarray(at, at + length) }
        at += length
        break
      }
      case 5:
        at += 4
        break
      default:
        return
    }
  }

  function varint(): number {
    let value = 0
    for (let factor = 1; at < bytes.length; factor *= 128) {
      const byte = bytes[at++]!
      value += (byte & 127) * factor
      if (byte < 128) break
    }
    return value
  }
}
