import { Complaint, fail } from './host'

// The one allocator: a bump pointer, and a short list of blocks that were given back and are handed out again first.
// It never moves anything and grows memory by what is needed, so a loaded model costs its tables and little more.

const PAGE: usize = 65536
const FREE_BLOCKS: i32 = 64
// Pairs (address, size); size 0 marks an empty entry.
const freeList = memory.data(FREE_BLOCKS * 8, 8)
let top: usize = 0
/** Entries of the list that were ever used. */
let entries: i32 = 0

/** 16-byte aligned, contents undefined. Fails the load (or the call) when the host has no memory left. */
export function allocate(bytes: usize): usize {
  const size = max<usize>((bytes + 15) & ~15, 16)
  const reused = takeFree(size)
  if (reused != 0) return reused
  if (top == 0) top = (__heap_base + 15) & ~15
  const address = top
  raiseTop(address, size)
  return address
}

/** Makes what allocate(bytes) returned longer where it lies; false when something is behind it. */
export function extend(address: usize, bytes: usize, wanted: usize): bool {
  if (address + ((bytes + 15) & ~15) != top) return false
  raiseTop(address, (wanted + 15) & ~15)
  return true
}

function raiseTop(address: usize, size: usize): void {
  const end = address + size
  if (end < address || end > 0xffff0000) fail(Complaint.OutOfMemory)
  const have = <usize>memory.size() * PAGE
  if (end > have) {
    const missing = (end - have + PAGE - 1) / PAGE
    const wanted = max<usize>(missing, <usize>memory.size() >> 5)
    if (memory.grow(<i32>wanted) < 0 && memory.grow(<i32>missing) < 0) fail(Complaint.OutOfMemory)
  }
  top = end
}

/** Gives back what allocate(bytes) returned. */
export function release(address: usize, bytes: usize): void {
  if (address == 0) return
  let size = max<usize>((bytes + 15) & ~15, 16)
  let start = address
  let empty: usize = 0
  let smallest: usize = 0
  for (let i = 0; i < entries; i++) {
    const entry = freeList + i * 8
    const blockSize = <usize>load<u32>(entry, 4)
    if (blockSize == 0) {
      empty = entry
      continue
    }
    const block = <usize>load<u32>(entry)
    if (block + blockSize == start) {
      start = block
      size += blockSize
      store<u32>(entry, 0, 4)
      empty = entry
    } else if (start + size == block) {
      size += blockSize
      store<u32>(entry, 0, 4)
      empty = entry
    } else if (smallest == 0 || blockSize < <usize>load<u32>(smallest, 4)) smallest = entry
  }
  if (start + size == top) {
    top = start
    return
  }
  if (empty == 0 && entries < FREE_BLOCKS) empty = freeList + entries++ * 8
  if (empty == 0) {
    // The list is full: the smallest block is lost, at most until its neighbour at the top is given back.
    if (smallest == 0 || <usize>load<u32>(smallest, 4) >= size) return
    empty = smallest
  }
  store<u32>(empty, <u32>start)
  store<u32>(empty, <u32>size, 4)
}

/** Best fit; the rest of a larger block stays in the list. */
function takeFree(size: usize): usize {
  let best: usize = 0
  for (let i = 0; i < entries; i++) {
    const entry = freeList + i * 8
    const blockSize = <usize>load<u32>(entry, 4)
    if (blockSize >= size && (best == 0 || blockSize < <usize>load<u32>(best, 4))) best = entry
  }
  if (best == 0) return 0
  const address = <usize>load<u32>(best)
  store<u32>(best, <u32>(address + size))
  store<u32>(best, <u32>(<usize>load<u32>(best, 4) - size), 4)
  return address
}
