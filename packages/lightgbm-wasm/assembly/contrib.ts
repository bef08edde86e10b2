import { answers } from './columns'
import { numConditions } from './conditions'
import { answerBits, blockRows, columnsOfSums, eightRows, mostRows, prepareBlock, preparePath, rowList } from './contrib-buffers'
import { addTreeContributions } from './contrib-tree'
import { numFeatures, recordOf, treesPerIteration } from './forest'
import { answerRow } from './row'

// Contributions (TreeSHAP) of blocks of rows: rows are answered one after another, then the trees take the whole block.

/** Rows that a block may have. */
export function contributionRows(): u32 {
  preparePath()
  return mostRows
}

export function startContributions(rows: u32): void {
  preparePath()
  prepareBlock(rows)
}

/** Takes the row at `row` as the block's row number `index`; they come in order. */
export function answerForContributions(row: usize, index: u32): void {
  answerRow(row)
  const bit = <u64>(index & 7)
  // An answer is 0 or 8. Behind the answers there is room to read on.
  for (let i: u32 = 0; i < numConditions; i += 8) {
    const at = eightRows + i
    const bits = ((load<u64>(answers + i) >> 3) & 0x0101010101010101) << bit
    store<u64>(at, bit == 0 ? bits : load<u64>(at) | bits)
  }
  if (bit < 7 && index + 1 < blockRows) return
  const rowBytes = <usize>((blockRows + 7) >> 3)
  let to = answerBits + <usize>(index >> 3)
  for (let i: u32 = 0; i < numConditions; i++) {
    store<u8>(to, load<u8>(eightRows + i))
    to += rowBytes
  }
}

/** Computes the block with the iterations [start, start + count). */
export function contribute(start: u32, count: u32): void {
  const columnBytes = <usize>blockRows << 3
  for (let k: u32 = 0; k < treesPerIteration; k++) {
    const columns = columnsOfSums + <usize>k * (<usize>numFeatures + 1) * columnBytes
    let expected: f64 = 0
    for (let i = start; i < start + count; i++) {
      const record = recordOf(i * treesPerIteration + k)
      expected += load<f64>(record, 16)
      if (load<u32>(record, 4) > 1) addTreeContributions(record, columns)
    }
    const last = columns + <usize>numFeatures * columnBytes
    for (let at: usize = 0; at < columnBytes; at += 8) store<f64>(last + at, expected)
  }
}

/** Contributions of the block's row `index`, f64 [treesPerIteration × (features + 1)], to `out`. */
export function copyContributions(index: u32, out: usize): void {
  const columnBytes = <usize>blockRows << 3
  const end = out + ((<usize>treesPerIteration * (<usize>numFeatures + 1)) << 3)
  let from = columnsOfSums + (<usize>index << 3)
  for (let to = out; to < end; to += 8) {
    store<f64>(to, load<f64>(from))
    from += columnBytes
  }
}
