// Constants of both builds, which src/engine.ts writes into a new memory: the words of src/powers-of-five.ts, then those of
// scripts/exponentials.js.

export const SMALLEST_POWER: i32 = -342
export const LARGEST_POWER: i32 = 308
const POWER_BYTES: i32 = 651 * 16
const EXPONENTIAL_BYTES: i32 = 128 * 16

const tables = memory.data(POWER_BYTES + EXPONENTIAL_BYTES, 16)

/** Per power of five its 128 leading bits, u64 high, u64 low. */
export const powersOfFive: usize = tables
/** Per k of 2^(k/128): f64 tail, u64 bits of the rounded power less k · 2^45. */
export const exponentials: usize = tables + <usize>POWER_BYTES

export function tablesAddress(): usize {
  return tables
}
