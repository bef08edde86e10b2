/**
 * A table as RFC 4180 text with a header. Texts as they are; missing values (null) are empty; everything else as JSON text.
 * @param rows one list of cells per row, in the order of the header
 */
export function toCsv(header: readonly string[], rows: Iterable<readonly unknown[]>): string {
  const lines = [header.join(',')]
  for (const row of rows) lines.push(row.map(toCell).join(','))
  return [...lines, ''].join('\r\n')
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
