import { toParquet } from '../http/to-parquet.js'
import type { FeatureTable } from './feature-table.js'

/** A table as the bytes of a Parquet file: a column `timestamp`, then one of doubles per feature; NaN and the infinities as they are. */
export function writeParquet({ names, blocks, nRows }: FeatureTable): Promise<Buffer> {
  const doubles = names.map((name, column) => {
    const values = new Float64Array(nRows)
    let row = 0
    for (const block of blocks) {
      for (let k = 0; k < block.openTimeMs.length; k++) values[row++] = block.values[k * names.length + column]!
    }
    return { name, type: 'DOUBLE', values } as const
  })
  const timestamp = { name: 'timestamp', type: 'TIMESTAMP', values: blocks.flatMap(({ openTimeMs }) => openTimeMs) } as const
  return toParquet([timestamp, ...doubles], nRows)
}
