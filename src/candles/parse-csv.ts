import { invalidAt } from '../errors.js'
import { type Column, columns } from './column.js'
import { nameColumns } from './name-columns.js'
import { badCell } from './parse-cell.js'
import { parseTime } from './parse-time.js'
import { shorten } from '../shorten.js'
import { type CsvCells, scanCsv } from './scan-csv.js'
import { allocateBars, type Submission, submit } from './submission.js'

/**
 * Candles of a `text/csv` body with a header. Errors name the line, the header being line 1, and the column as the header
 * writes it.
 * @throws Problem `invalid-request`
 */
export function parseCsv(text: string): Submission {
  const cells = scanCsv(text)
  const header = readHeader(cells)
  refuseOtherDelimiters(header)
  const cellAt = nameColumns(header, 'line 1')
  const columnAt = header.map((_, index) => columns.find((column) => cellAt[column] === index))
  const place = (line: number, index: number) => `line ${line}, column ${shorten(header[index]!)}`

  const room = allocateBars(mostBars(text))
  const lines = new Uint32Array(room.timestamp.length)
  let nBars = 0
  for (; cells.next(); nBars++) {
    const line = cells.line()
    lines[nBars] = line
    for (let index = 0; index < header.length; index++) {
      if (index > 0) cells.next()
      if (cells.isLastInLine() !== (index === header.length - 1)) {
        throw invalidAt(
          `line ${line}`,
          `the header names ${header.length} columns, this line has ${index < header.length - 1 ? 'fewer' : 'more'}`,
        )
      }
      const column = columnAt[index]
      if (column === undefined) continue
      const number = column === 'timestamp' ? parseTime(cells.text()) : cells.number()
      if (Number.isNaN(number)) throw badCell(column, cells.text(), place(line, index))
      room[column][nBars] = number
    }
  }
  if (nBars === 0) throw invalidAt('line 1', 'there are no candles, only a header')
  const filled = Object.fromEntries(columns.map((column) => [column, room[column].subarray(0, nBars)])) as Record<Column, Float64Array>
  return submit(filled, (bar, column) => place(lines[bar]!, cellAt[column]))
}

function readHeader(cells: CsvCells): string[] {
  const header: string[] = []
  while (cells.next()) {
    const name = cells.text()
    if (name.length > mostNameLength)
      throw invalidAt('line 1', `a column's name has ${name.length} characters, at most ${mostNameLength} are read`)
    if (header.push(name) > mostNames) throw invalidAt('line 1', `more than ${mostNames} columns are named`)
    if (cells.isLastInLine()) return header
  }
  throw invalidAt('line 1', 'the CSV is empty; a header such as timestamp,open,high,low,close,volume is expected')
}

function refuseOtherDelimiters([name, ...others]: readonly string[]): void {
  const other = others.length > 0 ? undefined : /[;\t|]/.exec(name ?? '')?.[0]
  if (other === undefined) return
  const written = other === '\t' ? 'a tab' : JSON.stringify(other)
  throw invalidAt('line 1', `the header has ${written} between the names; cells are separated by commas`)
}

/** As for JSON, where the names of one object are bounded. */
const mostNames = 1_000
const mostNameLength = 200

/** No fewer than the lines after the header, and no more than the shortest possible lines (`1,1,1,1,1,1`) would fill: junk gets no memory. */
function mostBars(text: string): number {
  let lineEnds = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineEnds++
  return Math.min(lineEnds, Math.ceil(text.length / '1,1,1,1,1,1\n'.length))
}
