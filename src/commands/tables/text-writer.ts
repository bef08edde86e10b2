import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { TableColumn, TableLayout, TableWriter } from './table-writer.js'

/** A table as text, a line per row: CSV with a header (RFC 4180 but for line ends, which are LF), or NDJSON of the items themselves. Numbers read back to the same bits. */
export function createTextWriter<Item>(
  path: string,
  { columns }: TableLayout<Item>,
  format: 'csv' | 'csv.gz' | 'ndjson',
): TableWriter<Item> {
  const file = createWriteStream(path)
  const sink = format === 'csv.gz' ? createGzip() : file
  const written = finished(file)
  if (sink !== file) sink.pipe(file)
  // Failures reach whoever waits; without this the first one would end the process.
  written.catch(() => undefined)
  sink.on('error', (error: Error) => file.destroy(error))
  const lineOf =
    format === 'ndjson' ? (item: Item) => JSON.stringify(item) : (item: Item) => columns.map((column) => toCell(column, item)).join(',')
  if (format !== 'ndjson') sink.write(`${columns.map(({ name }) => quote(name)).join(',')}\n`)

  return {
    async append(items) {
      if (items.length === 0) return
      if (!sink.write(`${items.map(lineOf).join('\n')}\n`)) await Promise.race([once(sink, 'drain'), written])
    },
    async finish() {
      sink.end()
      await written
    },
    async abandon() {
      file.destroy()
      await written.catch(() => undefined)
    },
  }
}

function toCell<Item>({ type, of }: TableColumn<Item>, item: Item): string {
  const value = of(item)
  if (value === null) return ''
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number') return type === 'TIMESTAMP' ? new Date(value).toISOString() : toNumber(value)
  return quote(JSON.stringify(value))
}

/** As Python, R and DuckDB read it, NaN as a missing value; `String()` writes the shortest text that reads back to the same bits. */
function toNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0.0' : String(value)
  return Number.isNaN(value) ? '' : value > 0 ? 'inf' : '-inf'
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
