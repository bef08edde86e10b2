import { lines } from './lines.js'
import { ModelFormatError } from './model-format-error.js'

/** What a model file says after its trees. */
export interface Trailer {
  /** `[linear_tree: 1]` among the parameters; any number but 0. */
  readonly linearTree: boolean
  /** Labels of pandas categorical columns, one list per such column, in the order of the columns: code k means the k-th label. */
  readonly pandasCategorical: readonly (readonly unknown[])[] | null
}

const linearTreeKey = '[linear_tree: '

/** Reads the lines from `start` on, which is the start of line `number`. */
export function parseTrailer(bytes: Uint8Array, start: number, number: number): Trailer {
  let linearTree = false
  let pandasCategorical: Trailer['pandasCategorical'] = null
  for (const line of lines(bytes, start, number)) {
    if (line.startsWith(linearTreeKey)) linearTree = /^[+-]?0*[1-9]/.test(line.text().slice(linearTreeKey.length))
    else if (line.startsWith('pandas_categorical:'))
      pandasCategorical = parseLabels(line.text().slice('pandas_categorical:'.length), line.number)
  }
  return { linearTree, pandasCategorical }
}

function parseLabels(text: string, line: number): Trailer['pandasCategorical'] {
  try {
    const labels: unknown = JSON.parse(text)
    if (labels === null || (Array.isArray(labels) && labels.every(Array.isArray))) return labels as Trailer['pandasCategorical']
  } catch {
    // Told below.
  }
  throw new ModelFormatError('unexpected-line', line, 'expected null or a list of lists as JSON after pandas_categorical:')
}
