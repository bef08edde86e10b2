// Bits of many rows side by side: a v128 of 128 rows where there is SIMD, else a u64 of 64. Functions are generic over the two,
// so that both builds run the same lines.
//
// Row r of a block is bit r / BYTES of byte r % BYTES: that way eight words of index bits become eight words of index bytes by
// transposing 8 × 8 bits within each byte (72 operations), without moving bytes.

/** Bytes of a word. */
export const BYTES: usize = ASC_FEATURE_SIMD ? 16 : 8
/** Its binary logarithm. */
export const SHIFT: usize = ASC_FEATURE_SIMD ? 4 : 3
/** Rows of a block. */
export const ROWS: u32 = ASC_FEATURE_SIMD ? 128 : 64

// @ts-ignore: decorator
@inline
export function bytesOf<T>(byte: u8): T {
  if (isVector<T>()) return i8x16.splat(byte)
  return <T>(<u64>byte * 0x0101010101010101)
}

// @ts-ignore: decorator
@inline
export function and<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.and(a, b)
  return <T>(a & b)
}

// @ts-ignore: decorator
@inline
export function or<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.or(a, b)
  return <T>(a | b)
}

// @ts-ignore: decorator
@inline
export function xor<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.xor(a, b)
  return <T>(a ^ b)
}

/** Bits that leave a byte arrive in its neighbour. */
// @ts-ignore: decorator
@inline
export function shiftLeft<T>(a: T, bits: i32): T {
  if (isVector<T>()) return i64x2.shl(a, bits)
  return <T>(a << (<T>bits))
}

/** Bits that leave a byte arrive in its neighbour. */
// @ts-ignore: decorator
@inline
export function shiftRight<T>(a: T, bits: i32): T {
  if (isVector<T>()) return i64x2.shr_u(a, bits)
  return <T>(a >> (<T>bits))
}
