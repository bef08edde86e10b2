import type { Breather } from './breather.js'
import { decodeText } from './decode-text.js'
import { parseLabels } from './labels.js'
import { lines, startsWith } from './lines.js'

/** What a model file says after its trees. */
export interface Trailer {
  /** `[linear_tree: 1]` among the parameters; any number but 0. */
  readonly linearTree: boolean
  /** Labels of pandas categorical columns, one list per such column, in the order of the columns: code k means the k-th label. */
  readonly pandasCategorical: readonly (readonly unknown[])[] | null
}

const linearTreeKey = '[linear_tree: '
const labelsKey = 'pandas_categorical:'
const LONGEST_FLAG = 1 << 16

/** Reads the lines from `start` on, which is the start of line `number`; pauses where they are many or long. */
export async function parseTrailer(bytes: Uint8Array, start: number, number: number, pause: Breather): Promise<Trailer> {
  let linearTree = false
  let pandasCategorical: Trailer['pandasCategorical'] = null
  for (const line of lines(bytes, start, number)) {
    if (line === undefined) {
      if (pause.due()) await pause.breathe()
    } else if (startsWith(bytes, line, linearTreeKey)) {
      linearTree = /^[+-]?0*[1-9]/.test(decodeText(bytes, line.start + linearTreeKey.length, line.end, line.number, LONGEST_FLAG))
    } else if (startsWith(bytes, line, labelsKey)) {
      pandasCategorical = await parseLabels(bytes, line.start + labelsKey.length, line.end, line.number, pause)
    }
  }
  return { linearTree, pandasCategorical }
}
