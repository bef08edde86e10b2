/** What kind of thing is wrong with a model file. */
export type ModelFormatCode =
  /** The file does not begin like a LightGBM text model. */
  | 'not-a-model'
  | 'unsupported-version'
  | 'unknown-objective'
  | 'missing-field'
  | 'duplicate-field'
  /** A line that cannot stand where it stands. */
  | 'unexpected-line'
  | 'bad-number'
  /** A list holds more or fewer values than another line says. */
  | 'wrong-count'
  /** A number that points outside, or is not allowed. */
  | 'out-of-range'
  /** The children of a tree's nodes do not form a tree. */
  | 'not-a-tree'
  | 'truncated'
  /** The file claims more than it has room for, or the host has no memory for it. */
  | 'too-large'

/** The file is no LightGBM text model that can be scored. The message says where and what was expected. */
export class ModelFormatError extends Error {
  override readonly name = 'ModelFormatError'

  constructor(
    readonly code: ModelFormatCode,
    /** Line of the file, from 1. */
    readonly line: number,
    detail: string,
  ) {
    super(`line ${line}: ${detail}`)
  }
}
