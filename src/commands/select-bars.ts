import { type Column, columns } from '../candles/column.js'
import { type Submission, submit } from '../candles/submission.js'
import { InputError } from './input-error.js'
import type { Range } from './read-range.js'

/**
 * The bars that open in a range. They keep their places in the file, for messages.
 * @throws InputError when there are none
 */
export function selectBars(submission: Submission, { fromMs, toMs }: Range): Submission {
  const { openTimeMs } = submission
  const bars = Uint32Array.from(openTimeMs.keys()).filter((bar) => openTimeMs[bar]! >= fromMs && openTimeMs[bar]! <= toMs)
  if (bars.length === submission.nBars) return submission
  if (bars.length === 0) throw new InputError('no bar of the file opens between --from and --to')
  const cells = Object.fromEntries(
    columns.map((column) => {
      const values = column === 'timestamp' ? openTimeMs : submission[column]
      return [column, Float64Array.from(bars, (bar) => values[bar]!)]
    }),
  ) as Record<Column, Float64Array>
  return submit(cells, (bar, column) => submission.pointer(bars[bar]!, column))
}
