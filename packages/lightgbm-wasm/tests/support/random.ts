export interface Random {
  /** Whole number from 0 to below the limit. */
  below(limit: number): number
  /** From 0 to below 1. */
  unit(): number
  pick<T>(values: readonly T[]): T
}

/** Mulberry32: the same numbers for the same seed, everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(unit() * limit)
  return { unit, below, pick: (values) => values[below(values.length)] as never }
}
