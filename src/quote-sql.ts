/** The name of a table or a column in DuckDB's SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text in DuckDB's SQL; also a file's path. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
