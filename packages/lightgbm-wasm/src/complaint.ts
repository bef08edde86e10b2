import { ModelFormatError } from './model-format-error.js'

/** The fields of a tree by the number that assembly/field.ts gives them. */
const fields = [
  'the tree',
  'num_leaves',
  'num_cat',
  'split_feature',
  'split_gain',
  'threshold',
  'decision_type',
  'left_child',
  'right_child',
  'leaf_value',
  'leaf_count',
  'internal_count',
  'cat_boundaries',
  'cat_threshold',
  'is_linear',
  'leaf_const',
  'num_features',
  'leaf_features',
  'leaf_coeff',
]

/** Of one field; assembly/draft.ts. */
const MOST_NUMBERS = 1 << 26

/**
 * The error for a complaint of the WebAssembly side; numbers as in assembly/host.ts.
 * @param line of the file, from 1
 * @param loaded whether the model was loaded before: then the caller's rows are the trouble, not the file
 */
export function complaint(kind: number, fieldNumber: number, found: number, expected: number, line: number, loaded: boolean): Error {
  const field = fields[fieldNumber] ?? 'the tree'
  switch (kind) {
    case 1:
      if (loaded)
        return new RangeError('predict: the host has no memory left for these rows; score fewer at once, or dispose of other boosters')
      return new ModelFormatError('too-large', line, 'the host has no memory left for this model')
    case 2:
      return new ModelFormatError('unexpected-line', line, 'expected key=value inside a tree, in lines that end in LF or CRLF')
    case 3:
      return new ModelFormatError('missing-field', line, `expected ${field} in the tree that ends here`)
    case 4:
      return new ModelFormatError('duplicate-field', line, `expected ${field} once per tree`)
    case 5:
      return new ModelFormatError('missing-field', line, `expected ${fields[found] ?? ''} before ${field}`)
    case 6:
      return new ModelFormatError('bad-number', line, `expected a number as value ${found + 1} of ${field}`)
    case 7:
      return new ModelFormatError(
        'wrong-count',
        line,
        `expected ${expected} values in ${field}, found ${found}${found > expected ? ' or more' : ''}`,
      )
    case 8:
      return new ModelFormatError('out-of-range', line, `${field} holds ${found}, expected ${bound(found, expected)}`)
    case 9:
      return new ModelFormatError(
        'too-large',
        line,
        `${field} claims ${found} values, ${found > MOST_NUMBERS ? `at most ${MOST_NUMBERS} can be read` : `but the file has only ${expected} bytes left`}`,
      )
    case 10:
      return new ModelFormatError(
        'not-a-tree',
        line,
        `expected every node to be reached once from the root; ${field} ${found} is reached again`,
      )
    case 11:
      return new ModelFormatError(
        'truncated',
        line,
        'expected a blank line or "end of trees" behind the last tree: the file ends inside it',
      )
    case 12:
      return new ModelFormatError('bad-number', line, `expected numbers separated by spaces in ${field}`)
    case 13:
      return new ModelFormatError('out-of-range', line, `node ${found} is categorical, expected num_cat above 0`)
    case 14:
      return new ModelFormatError('bad-number', line, `expected a number as threshold of node ${found}, found nan`)
    case 15:
      return new RangeError(`a tree of depth ${found} is too deep for contributions`)
    case 16:
      return new ModelFormatError(
        'not-a-tree',
        line,
        `expected every node to be reached once from the root, which leads to ${found} of ${expected}`,
      )
    default:
      return new Error(`unknown complaint ${kind}`)
  }
}

function bound(found: number, expected: number): string {
  return found < expected ? `at least ${expected}` : `at most ${expected}`
}
