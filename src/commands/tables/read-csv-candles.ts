import { constants, isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { columnOf } from '../../candles/column.js'
import { parseCsv } from '../../candles/parse-csv.js'
import { scanCsv } from '../../candles/scan-csv.js'
import type { Submission } from '../../candles/submission.js'
import { InputError } from '../input-error.js'

/**
 * Candles of a CSV with a header, in gzip or not.
 * @throws InputError, or Problem `invalid-request` with the line
 */
export async function readCsvCandles(path: string): Promise<Submission> {
  const bytes = await readFile(path)
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  const csv = isGzip ? await unzip(bytes) : bytes
  if (csv.length > constants.MAX_STRING_LENGTH) throw new InputError('more than 512 MB of text; make Parquet of it, or several files')
  if (!isUtf8(csv)) throw new InputError('the CSV is not UTF-8')
  return parseCsv(nameTimeColumn(csv.toString('utf8')))
}

async function unzip(bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes)
  } catch (cause) {
    throw new InputError(`the gzip is cut off or damaged: ${(cause as Error).message}`, { cause })
  }
}

/** A first column that has another name, or none, is the time when no other is: pandas writes its index so. Lines keep their numbers. */
function nameTimeColumn(text: string): string {
  const cells = scanCsv(text)
  const header: string[] = []
  while (cells.next()) {
    header.push(cells.text())
    if (cells.isLastInLine()) break
  }
  if (header.length < 2 || header.some((name) => columnOf(name) === 'timestamp') || columnOf(header[0]!) !== undefined) return text
  const lineEnd = text.indexOf('\n')
  // A header of several lines, or none behind it: the parser says what is wrong.
  if (lineEnd < 0 || header.some((name) => name.includes('\n'))) return text
  return ['timestamp', ...header.slice(1).map((name) => `"${name.replaceAll('"', '""')}"`)].join(',') + text.slice(lineEnd)
}
