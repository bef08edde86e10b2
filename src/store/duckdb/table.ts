import { quoteText } from '../../quote-sql.js'

/** A table as people find it who open the file. */
export interface Table {
  readonly name: string
  /** Kept in the file as the table's comment. */
  readonly meaning: string
  readonly columns: readonly TableColumn[]
}

export interface TableColumn {
  readonly name: string
  readonly sqlType: string
  /** Kept in the file as the column's comment. */
  readonly meaning: string
}

/** The statements that make a table with its comments. */
export function createTable({ name, meaning, columns }: Table): string[] {
  return [
    `CREATE TABLE ${name} (${columns.map((column) => `${column.name} ${column.sqlType}`).join(', ')})`,
    comment('TABLE', name, meaning),
    ...columns.map((column) => comment('COLUMN', `${name}.${column.name}`, column.meaning)),
  ]
}

/** The statement that puts words beside a table, a view or a column. */
export function comment(what: 'TABLE' | 'VIEW' | 'COLUMN', name: string, words: string): string {
  return `COMMENT ON ${what} ${name} IS ${quoteText(words)}`
}
