/** A file that is not UBJSON, or not whole; the message says where. */
export class UbjsonError extends Error {
  override readonly name = 'UbjsonError'
}

/** Levels of arrays and objects that are followed; XGBoost's models have fewer than ten. */
const mostLevels = 64
/** Elements of all arrays and objects together: what a claimed count may cost at most. */
const mostElements = 200_000_000

type Kind = 'i' | 'U' | 'I' | 'l' | 'L' | 'd' | 'D'
const widths: Readonly<Record<Kind, number>> = { i: 1, U: 1, I: 2, l: 4, L: 8, d: 4, D: 8 }

/**
 * A value of Universal Binary JSON (draft 12, big-endian): what XGBoost writes as `.ubj`. Arrays of one number type come back as typed arrays,
 * whole numbers of 64 bits as numbers.
 * @throws UbjsonError at the first byte that cannot be
 */
export function parseUbjson(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = new TextDecoder('utf-8', { fatal: true })
  let at = 0
  let elements = 0
  const value = read(marker(), 0)
  while (at < bytes.length && bytes[at] === 78) at++
  if (at < bytes.length) fail('something follows the value')
  return value

  function marker(): string {
    need(1)
    return String.fromCharCode(bytes[at++]!)
  }

  function read(type: string, level: number): unknown {
    if (level > mostLevels) fail(`more than ${mostLevels} levels`)
    switch (type) {
      case 'Z':
        return null
      case 'T':
        return true
      case 'F':
        return false
      case 'N':
        return read(marker(), level)
      case 'C':
        return marker()
      case 'S':
        return string()
      case '[':
        return array(level)
      case '{':
        return object(level)
      default:
        if (type in widths) return number(type as Kind)
        return fail(`unknown type ${JSON.stringify(type)}`)
    }
  }

  function number(kind: Kind): number {
    need(widths[kind])
    const from = at
    at += widths[kind]
    switch (kind) {
      case 'i':
        return view.getInt8(from)
      case 'U':
        return view.getUint8(from)
      case 'I':
        return view.getInt16(from)
      case 'l':
        return view.getInt32(from)
      case 'L':
        return Number(view.getBigInt64(from))
      case 'd':
        return view.getFloat32(from)
      case 'D':
        return view.getFloat64(from)
    }
  }

  function length(): number {
    const type = marker()
    if (!(type in widths) || type === 'd' || type === 'D') fail('a length is expected')
    const n = number(type as Kind)
    if (n < 0 || n > bytes.length * 8 || !Number.isSafeInteger(n)) fail(`a length of ${n}`)
    return n
  }

  function string(): string {
    const n = length()
    need(n)
    const from = at
    at += n
    try {
      return text.decode(bytes.subarray(from, at))
    } catch {
      return fail('text that is not UTF-8')
    }
  }

  /** The type and count that a container may state. */
  function head(): { type: string | undefined; count: number | undefined } {
    let type: string | undefined
    if (bytes[at] === 36) {
      at++
      type = marker()
    }
    if (bytes[at] !== 35) {
      if (type !== undefined) fail('a type without a count')
      return { type, count: undefined }
    }
    at++
    const count = length()
    elements += count
    if (elements > mostElements) fail(`more than ${mostElements} elements`)
    return { type, count }
  }

  function array(level: number): unknown {
    const { type, count } = head()
    if (type !== undefined && type in widths) return numbers(type as Kind, count!)
    const values: unknown[] = []
    if (count !== undefined) {
      if (type === undefined || !'ZTFN'.includes(type)) need(count)
      for (let k = 0; k < count; k++) values.push(read(type ?? marker(), level + 1))
      return values
    }
    for (let next = marker(); next !== ']'; next = marker()) values.push(read(next, level + 1))
    return values
  }

  function numbers(kind: Kind, count: number): Float32Array | Float64Array | Int32Array {
    need(count * widths[kind])
    const values = kind === 'd' ? new Float32Array(count) : kind === 'D' || kind === 'L' ? new Float64Array(count) : new Int32Array(count)
    for (let k = 0; k < count; k++) values[k] = number(kind)
    return values
  }

  function object(level: number): Record<string, unknown> {
    const { type, count } = head()
    const members: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    if (count !== undefined) {
      need(count)
      for (let k = 0; k < count; k++) {
        const name = string()
        members[name] = read(type ?? marker(), level + 1)
      }
      return members
    }
    while (bytes[at] !== 125) {
      const name = string()
      members[name] = read(marker(), level + 1)
    }
    at++
    return members
  }

  function need(n: number): void {
    if (at + n > bytes.length) fail('the file ends too early')
  }

  function fail(why: string): never {
    throw new UbjsonError(`byte ${at}: ${why}`)
  }
}
