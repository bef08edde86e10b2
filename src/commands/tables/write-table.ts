import { formatOf } from './format.js'
import { replacement } from './replacement.js'
import type { TableLayout, TableWriter } from './table-writer.js'

export interface TableFile<Item> {
  readonly path: string
  /** Replace a file that is there. */
  readonly force: boolean
  readonly layout: TableLayout<Item>
}

/**
 * Writes a table into the file, in the format that its name tells. The file appears when all of it is written; otherwise nothing changes.
 * @param pages the rows, block by block
 * @param onRows told after each block, how many rows are written by then
 * @returns how many rows there are
 * @throws InputError when the file is there and `force` is not set
 */
export async function writeTable<Item>(
  { path, force, layout }: TableFile<Item>,
  pages: AsyncIterable<readonly Item[]>,
  onRows?: (done: number) => void,
): Promise<number> {
  const format = formatOf(path)
  const file = await replacement(path, force)
  let writer: TableWriter<Item> | undefined
  try {
    writer =
      format === 'parquet' || format === 'duckdb'
        ? await (await import('../../tables/duckdb-writer.js')).createDuckdbWriter(file.temporary, layout, format)
        : (await import('./text-writer.js')).createTextWriter(file.temporary, layout, format)
    let nRows = 0
    for await (const items of pages) {
      await writer.append(items)
      nRows += items.length
      onRows?.(nRows)
    }
    const finishing = writer
    writer = undefined
    await finishing.finish()
    await file.keep()
    return nRows
  } catch (error) {
    await writer?.abandon()
    await file.discard()
    throw error
  }
}
