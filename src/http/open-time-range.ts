import { invalidAt } from '../errors.js'

/** Both ends inclusive, epoch milliseconds; what is absent is open. */
export interface OpenTimeRange {
  readonly fromMs?: number
  readonly toMs?: number
}

/**
 * Which open times are meant from one time to another, both inclusive. Bars open on whole milliseconds, times may be given finer: the ends become
 * the first and the last whole millisecond between them. When there is none, `fromMs` is one above `toMs`, and no bar is meant.
 * @param pointer of `from`
 * @throws Problem `invalid-request` when `from` is later than `to`
 */
export function openTimeRange({ from, to }: Asked, pointer = 'from'): OpenTimeRange {
  if (from !== undefined && to !== undefined && from > to) throw invalidAt(pointer, 'from is later than to')
  return { ...(from !== undefined && { fromMs: Math.ceil(from) }), ...(to !== undefined && { toMs: Math.floor(to) }) }
}

interface Asked {
  readonly from?: number | undefined
  readonly to?: number | undefined
}
