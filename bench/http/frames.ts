import { columns, type Column } from '../../src/candles/column.js'
import { realCandles } from '../../tests/candles/support/real-candles.js'

export const windowBars = 726
const hourMs = 3_600_000
const model = 'btcusdt-logret-168h'

/** `moving`: the window goes one bar further with every request. `standing`: one window, whose last volume is another one each time. */
export type Movement = 'moving' | 'standing'

export interface Frames {
  /** How many windows without a gap there are. */
  readonly count: number
  /** The body of request k, some 46 kB: put together from texts that are there already, some 10 µs. */
  body(k: number): Buffer
}

/** Bodies of POST /predict in columns, out of real hourly candles: no two are the same. */
export function createFrames(movement: Movement): Frames {
  const candles = realCandles()
  const lastBars = wholeWindows(candles.openTimeMs)
  const head = Buffer.from(`{"model":"${model}","candles":{`)
  const texts = columns.map((column) => {
    const cells = Array.from(column === 'timestamp' ? candles.openTimeMs : candles[column], String)
    const ends: number[] = []
    let at = 0
    for (const cell of cells) ends.push((at += cell.length + 1))
    return { column, text: Buffer.from(`${cells.join(',')},`), ends }
  })

  return { count: lastBars.length, body }

  function body(k: number): Buffer {
    const last = lastBars[movement === 'moving' ? k % lastBars.length : 0]!
    const parts: Buffer[] = [head]
    texts.forEach(({ column, text, ends }, nth) => {
      parts.push(Buffer.from(`${nth === 0 ? '' : ','}"${column}":[`))
      const from = ends[last - windowBars] ?? 0
      const isOther = movement === 'standing' && column === ('volume' satisfies Column)
      if (isOther) parts.push(text.subarray(from, ends[last - 1]), Buffer.from(`${1000 + k / 8}`))
      else parts.push(text.subarray(from, ends[last]! - 1))
      parts.push(Buffer.from(']'))
    })
    parts.push(Buffer.from('}}'))
    return Buffer.concat(parts)
  }
}

/** Bars that end a window in which no bar is missing. */
function wholeWindows(openTimeMs: Float64Array): number[] {
  const lastBars: number[] = []
  for (let last = windowBars; last < openTimeMs.length; last++) {
    if (openTimeMs[last]! - openTimeMs[last - windowBars + 1]! === (windowBars - 1) * hourMs) lastBars.push(last)
  }
  return lastBars
}
