import { allocate, release } from './arena'
import { Field } from './field'
import { grown, grownCapacity } from './growable'
import { Complaint, fail } from './host'

// The tree that is being read, as in the file: one array per field, kept from tree to tree and only grown.

export let numLeaves: u32 = 0
export let numCat: u32 = 0
export let isLinear: bool = false
let seen: u32 = 0

const FIELDS: i32 = 19
/** Of one field: so that no size of an array wraps in 32 bits. */
const MOST_NUMBERS: u32 = 1 << 26
// Per field: address, capacity in bytes, numbers expected, numbers read.
const arrays = memory.data(FIELDS * 16, 16)

export function startDraft(): void {
  numLeaves = 0
  numCat = 0
  isLinear = false
  seen = 0
}

export function has(field: Field): bool {
  return ((seen >> field) & 1) != 0
}

/** Address of a field's numbers: f64, or i32 for whole numbers, f32 for split_gain. */
export function numbersOf(field: Field): usize {
  return <usize>load<u32>(arrays + (<usize>field << 4))
}

/** Number `i` of a field of whole numbers. */
// @ts-ignore: decorator
@inline
export function numberAt(field: Field, i: u32): u32 {
  return load<u32>(numbersOf(field) + (<usize>i << 2))
}

// @ts-ignore: decorator
@inline
export function isDouble(field: Field): bool {
  return field == Field.Threshold || field == Field.LeafValue || field == Field.LeafConst || field == Field.LeafCoeff
}

/**
 * Makes room for the field's numbers and returns how many there must be.
 * `bytesLeft` is what the file still holds: every number takes two of them at least, so a file cannot claim more than it has.
 */
export function openField(field: Field, bytesLeft: f64): u32 {
  if (has(field)) fail(Complaint.DuplicateField, field)
  seen |= 1 << field
  const expected = expectedCount(field)
  if (<f64>expected * 2 > bytesLeft + 2 || expected > MOST_NUMBERS) fail(Complaint.NoRoom, field, <f64>expected, bytesLeft)
  const array = arrays + (<usize>field << 4)
  const bytes = <usize>expected << (isDouble(field) ? 3 : 2)
  const capacity = <usize>load<u32>(array, 4)
  store<u32>(array, <u32>grown(<usize>load<u32>(array), capacity, 0, bytes))
  store<u32>(array, <u32>grownCapacity(capacity, bytes), 4)
  store<u32>(array, expected, 8)
  return expected
}

/** The line ended after `found` numbers. */
export function closeField(field: Field, found: u32): void {
  const array = arrays + (<usize>field << 4)
  const expected = load<u32>(array, 8)
  if (found != expected) fail(Complaint.WrongCount, field, <f64>found, <f64>expected)
  store<u32>(array, found, 12)
  const first = <usize>load<u32>(array)
  if (field == Field.NumLeaves) numLeaves = <u32>load<i32>(first)
  else if (field == Field.NumCat) numCat = <u32>load<i32>(first)
  else if (field == Field.IsLinear) isLinear = load<i32>(first) != 0
  else if (field == Field.CatBoundaries) checkBoundaries(first, found)
}

/** Gives all arrays back. */
export function discardDraft(): void {
  for (let field = 0; field < FIELDS; field++) {
    const array = arrays + (<usize>field << 4)
    release(<usize>load<u32>(array), <usize>load<u32>(array, 4))
    store<u32>(array, 0)
    store<u32>(array, 0, 4)
  }
}

function expectedCount(field: Field): u32 {
  switch (field) {
    case Field.NumLeaves:
    case Field.NumCat:
    case Field.IsLinear:
      return 1
    case Field.CatBoundaries:
      if (!has(Field.NumCat)) fail(Complaint.FieldTooEarly, field, <f64>Field.NumCat)
      return numCat == 0 ? 0 : numCat + 1
    case Field.CatThreshold: {
      if (!has(Field.CatBoundaries)) fail(Complaint.FieldTooEarly, field, <f64>Field.CatBoundaries)
      return numCat == 0 ? 0 : load<u32>(numbersOf(Field.CatBoundaries) + (<usize>numCat << 2))
    }
    case Field.LeafFeatures:
    case Field.LeafCoeff:
      if (!has(Field.NumFeatures)) fail(Complaint.FieldTooEarly, field, <f64>Field.NumFeatures)
      return sumOfNumFeatures()
    default:
      if (!has(Field.NumLeaves)) fail(Complaint.FieldTooEarly, field, <f64>Field.NumLeaves)
      const perLeaf = field == Field.LeafValue || field == Field.LeafCount || field == Field.LeafConst || field == Field.NumFeatures
      return perLeaf ? numLeaves : numLeaves - 1
  }
}

function sumOfNumFeatures(): u32 {
  const counts = numbersOf(Field.NumFeatures)
  let sum: u64 = 0
  for (let i: u32 = 0; i < numLeaves; i++) sum += <u64>load<u32>(counts + (<usize>i << 2))
  return <u32>min<u64>(sum, 0x7fffffff)
}

function checkBoundaries(boundaries: usize, count: u32): void {
  let last: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const boundary = load<u32>(boundaries + (<usize>i << 2))
    if (boundary < last) fail(Complaint.OutOfRange, Field.CatBoundaries, <f64>boundary, <f64>last)
    last = boundary
  }
}
