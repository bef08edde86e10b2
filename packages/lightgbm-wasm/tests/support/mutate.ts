import type { Random } from './random.js'

/** One change, or a few, to a model file: what transport, editors, old writers and attackers do to text. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutant = bytes
  for (let times = 1 + random.below(3); times > 0; times--) mutant = random.pick(mutations)(mutant, random)
  return mutant
}

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array

const hostileNumbers =
  '0 -0 1 -1 2 16 255 1e308 1e999 -1e999 inf -inf nan 2147483647 2147483648 -2147483648 4294967295 1e-400 99999999999999999999 0x10 5e-324 . e -'.split(
    ' ',
  )

const mutations: Mutation[] = [
  // One byte.
  (bytes, random) => {
    const copy = bytes.slice()
    copy[random.below(copy.length)] = random.below(256)
    return copy
  },
  // A digit for a digit: stays a number.
  (bytes, random) => {
    const copy = bytes.slice()
    const at = find(copy, random, (byte) => byte >= 48 && byte < 58)
    copy[at] = 48 + random.below(10)
    return copy
  },
  // A whole token.
  (bytes, random) => {
    const [from, to] = token(bytes, random)
    return splice(bytes, from, to, text(random.pick(hostileNumbers)))
  },
  (bytes, random) => {
    const [from, to] = token(bytes, random)
    return splice(bytes, from, to, text(String(random.below(100) - 50)))
  },
  // Cut off.
  (bytes, random) => bytes.slice(0, random.below(bytes.length)),
  // A part lost, doubled, or moved.
  (bytes, random) => {
    const from = random.below(bytes.length)
    return splice(bytes, from, from + random.below(200), new Uint8Array(0))
  },
  (bytes, random) => {
    const from = random.below(bytes.length)
    return splice(bytes, from, from, bytes.slice(from, from + random.below(500)))
  },
  (bytes, random) => {
    const from = random.below(bytes.length)
    const to = random.below(bytes.length)
    return splice(bytes, to, to + random.below(50), bytes.slice(from, from + random.below(50)))
  },
  // A line lost or doubled.
  (bytes, random) => {
    const [from, to] = lineOf(bytes, random)
    return splice(bytes, from, to, new Uint8Array(0))
  },
  (bytes, random) => {
    const [from, to] = lineOf(bytes, random)
    return splice(bytes, from, from, bytes.slice(from, to))
  },
  // A header line with another number.
  (bytes, random) => {
    const head = new TextDecoder().decode(bytes.subarray(0, 2000))
    const places = [...head.matchAll(/^(num_class|num_tree_per_iteration|max_feature_idx|num_leaves|num_cat|version)=(.*)$/gm)]
    if (places.length === 0) return bytes
    const place = random.pick(places)
    const from = place.index + (place[1]?.length ?? 0) + 1
    return splice(bytes, from, from + (place[2]?.length ?? 0), text(random.pick(hostileNumbers)))
  },
]

function find(bytes: Uint8Array, random: Random, wanted: (byte: number) => boolean): number {
  const from = random.below(bytes.length)
  for (let i = from; i < bytes.length; i++) if (wanted(bytes[i] ?? 0)) return i
  return from
}

function token(bytes: Uint8Array, random: Random): [number, number] {
  const ends = (byte: number): boolean => byte === 32 || byte === 10 || byte === 61
  const from = find(bytes, random, ends) + 1
  let to = from
  while (to < bytes.length && !ends(bytes[to] ?? 0)) to++
  return [from, to]
}

function lineOf(bytes: Uint8Array, random: Random): [number, number] {
  const from = bytes.lastIndexOf(10, random.below(bytes.length)) + 1
  const newline = bytes.indexOf(10, from)
  return [from, newline < 0 ? bytes.length : newline + 1]
}

function splice(bytes: Uint8Array, from: number, to: number, middle: Uint8Array): Uint8Array {
  const tail = bytes.subarray(Math.min(to, bytes.length))
  const result = new Uint8Array(from + middle.length + tail.length)
  result.set(bytes.subarray(0, from))
  result.set(middle, from)
  result.set(tail, from + middle.length)
  return result
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}
