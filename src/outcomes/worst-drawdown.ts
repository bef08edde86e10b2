import type { Frame } from '../candles/frame.js'

/**
 * The worst price on the way, for a position that is entered at the close of bar `entry` and left at bar `exit`, as a fraction: long, the lowest low / C[t] − 1;
 * short, C[t] / the highest high − 1; over the bars after `entry` up to `exit`. Not cut at 0: a positive value says that the position
 * was never below its entry.
 * @param entry index of the bar predicted from; the bars up to `exit` follow it without a gap
 * @returns null when no bar lies between
 */
export function worstDrawdown({ close, high, low }: Frame, entry: number, exit: number, direction: -1 | 1): number | null {
  if (exit <= entry) return null
  if (direction === 1) {
    let lowest = Infinity
    for (let bar = entry + 1; bar <= exit; bar++) if (low[bar]! < lowest) lowest = low[bar]!
    return lowest / close[entry]! - 1
  }
  let highest = -Infinity
  for (let bar = entry + 1; bar <= exit; bar++) if (high[bar]! > highest) highest = high[bar]!
  return close[entry]! / highest - 1
}
