import { allocate, release } from './arena'

/** The block, made at least `wanted` bytes long by doubling; its first `used` bytes keep their content. */
export function grown(address: usize, capacity: usize, used: usize, wanted: usize): usize {
  if (wanted <= capacity) return address
  const next = allocate(grownCapacity(capacity, wanted))
  if (address != 0) {
    memory.copy(next, address, used)
    release(address, capacity)
  }
  return next
}

export function grownCapacity(capacity: usize, wanted: usize): usize {
  return wanted <= capacity ? capacity : max(wanted, capacity * 2)
}
