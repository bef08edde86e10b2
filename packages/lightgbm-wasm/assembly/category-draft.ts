import { allocate } from './arena'
import { CONDITION } from './conditions'
import { Method } from './columns'
import { sorted } from './sort'

/** Drafts what answers the bitset conditions from number `first` on for a category: a table, or the bitsets themselves. */
export function draftCategorical(draft: usize, first: u32, size: u32): Method {
  let longest: u64 = 0
  let words: u64 = 0
  for (let i: u32 = 0; i < size; i++) {
    const length = <u64>load<u32>(sorted + <usize>(first + i) * CONDITION, 4)
    longest = max(longest, length)
    words += length
  }
  const rowBytes = (<u64>(size + 7)) >> 3
  const categories = longest << 5
  // A table where it is not much larger than the bitsets, so that no file can ask for more memory than it is worth.
  if ((categories + 1) * rowBytes > words * 16 + 4096) {
    const bitsets = allocate(((<usize>size) << 3) + ((<usize>words) << 2))
    let copy = bitsets + ((<usize>size) << 3)
    for (let i: u32 = 0; i < size; i++) {
      const condition = sorted + <usize>(first + i) * CONDITION
      const length = load<u32>(condition, 4)
      memory.copy(copy, <usize>load<u32>(condition), (<usize>length) << 2)
      store<u32>(bitsets + ((<usize>i) << 3), <u32>copy)
      store<u32>(bitsets + ((<usize>i) << 3), length, 4)
      copy += (<usize>length) << 2
    }
    store<u32>(draft, <u32>bitsets, 24)
    return Method.Bitsets
  }
  const table = allocate(<usize>((categories + 1) * rowBytes))
  memory.fill(table, 0xff, <usize>((categories + 1) * rowBytes))
  for (let i: u32 = 0; i < size; i++) clearBits(table + <usize>(i >> 3), i & 7, <usize>rowBytes, sorted + <usize>(first + i) * CONDITION)
  store<f64>(draft, <f64>categories)
  store<u32>(draft, <u32>table, 24)
  store<u32>(draft, <u32>rowBytes, 44)
  return Method.CategoryTable
}

/** Clears the bits of the categories in the condition's set; there are few of them as a rule. */
function clearBits(column: usize, bit: u32, rowBytes: usize, condition: usize): void {
  const words = <usize>load<u32>(condition)
  const length = load<u32>(condition, 4)
  for (let i: u32 = 0; i < length; i++) {
    for (let word = load<u32>(words + ((<usize>i) << 2)); word != 0; word &= word - 1) {
      const at = column + (<usize>(i << 5) + <usize>ctz(word)) * rowBytes
      store<u8>(at, load<u8>(at) & ~((<u8>1) << (<u8>bit)))
    }
  }
}
