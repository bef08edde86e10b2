/** One column of a table, and where its cells come from. */
export interface TableColumn<Item> {
  readonly name: string
  /** A TIMESTAMP's cells are epoch milliseconds; in text files they are ISO 8601 with Z. */
  readonly type: 'VARCHAR' | 'DOUBLE' | 'INTEGER' | 'BOOLEAN' | 'TIMESTAMP' | 'DOUBLE[]' | 'VARCHAR[]'
  readonly of: (item: Item) => Cell
}

/** Null: missing. Lists are JSON text in text files. */
export type Cell = string | number | boolean | null | readonly (string | number | null)[]

export interface TableLayout<Item> {
  /** Name of the table where a file can hold several. */
  readonly name: string
  readonly columns: readonly TableColumn<Item>[]
}

/** Writes a table block by block. Whoever made it either finishes or abandons it. */
export interface TableWriter<Item> {
  append(items: readonly Item[]): Promise<void>
  /** The file is whole when it resolves. */
  finish(): Promise<void>
  /** Lets go of the file; what was written is of no use. */
  abandon(): Promise<void>
}
