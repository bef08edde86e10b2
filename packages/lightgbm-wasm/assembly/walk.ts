import { LANES } from './prepare'

/** Addresses of the leaves that the walked trees end in, u32. */
export let leaves: usize = 0

export function setLeaves(address: usize): void {
  leaves = address
}

/**
 * Walks `count` trees, ten at a time, from the roots listed at `root`; up to nine more are walked, which must be listed.
 * A step is one byte and one node per tree, without a branch: next = child + answer.
 */
export function walk(root: usize, count: u32): void {
  let to = leaves
  const end = root + (<usize>count << 3)
  for (; root < end; root += LANES << 3) {
    let a = <u64>load<u32>(root)
    let b = <u64>load<u32>(root, 8)
    let c = <u64>load<u32>(root, 16)
    let d = <u64>load<u32>(root, 24)
    let e = <u64>load<u32>(root, 32)
    let f = <u64>load<u32>(root, 40)
    let g = <u64>load<u32>(root, 48)
    let h = <u64>load<u32>(root, 56)
    let i = <u64>load<u32>(root, 64)
    let j = <u64>load<u32>(root, 72)
    while (true) {
      const na = load<u64>(<usize>a)
      const nb = load<u64>(<usize>b)
      const nc = load<u64>(<usize>c)
      const nd = load<u64>(<usize>d)
      const ne = load<u64>(<usize>e)
      const nf = load<u64>(<usize>f)
      const ng = load<u64>(<usize>g)
      const nh = load<u64>(<usize>h)
      const ni = load<u64>(<usize>i)
      const nj = load<u64>(<usize>j)
      a = (na >> 32) + <u64>load<u8>(<usize>(<u32>na))
      b = (nb >> 32) + <u64>load<u8>(<usize>(<u32>nb))
      c = (nc >> 32) + <u64>load<u8>(<usize>(<u32>nc))
      d = (nd >> 32) + <u64>load<u8>(<usize>(<u32>nd))
      e = (ne >> 32) + <u64>load<u8>(<usize>(<u32>ne))
      f = (nf >> 32) + <u64>load<u8>(<usize>(<u32>nf))
      g = (ng >> 32) + <u64>load<u8>(<usize>(<u32>ng))
      h = (nh >> 32) + <u64>load<u8>(<usize>(<u32>nh))
      i = (ni >> 32) + <u64>load<u8>(<usize>(<u32>ni))
      j = (nj >> 32) + <u64>load<u8>(<usize>(<u32>nj))
      // All ten are leaves once no condition is left.
      if (<u32>(na | nb | nc | nd | ne | nf | ng | nh | ni | nj) == 0) break
    }
    store<u32>(to, <u32>a)
    store<u32>(to, <u32>b, 4)
    store<u32>(to, <u32>c, 8)
    store<u32>(to, <u32>d, 12)
    store<u32>(to, <u32>e, 16)
    store<u32>(to, <u32>f, 20)
    store<u32>(to, <u32>g, 24)
    store<u32>(to, <u32>h, 28)
    store<u32>(to, <u32>i, 32)
    store<u32>(to, <u32>j, 36)
    to += LANES << 2
  }
}
