type Results = Float64Array | Int32Array

/**
 * Returns a function that gives a view of `length` results at the byte `address` of a memory: the one of before where it still fits, so that
 * calls of one size make no garbage. Two are kept: one for full blocks of rows, one for the last block.
 * @param make makes a view of the memory as it is now
 */
export function resultViews<T extends Results>(make: (address: number, length: number) => T): (address: number, length: number) => T {
  let last = make(0, 0)
  let other = last
  return (address, length) => {
    if (!fits(last, address, length)) {
      const swapped = fits(other, address, length) ? other : make(address, length)
      other = last
      last = swapped
    }
    return last
  }
}

/** A view of a memory that has grown since is of length 0. */
function fits(view: Results, address: number, length: number): boolean {
  return view.length === length && view.byteOffset === address
}
