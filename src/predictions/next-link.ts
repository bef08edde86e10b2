/** Header Link of a page (RFC 8288): the same query with the cursor of the next one. */
export function nextLink(url: string, cursor: string): string {
  // Only the first question mark ends the path; in a query it is a character like any other (RFC 3986).
  const mark = url.indexOf('?')
  const [path, query] = mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
  const parameters = new URLSearchParams(query)
  parameters.set('cursor', cursor)
  return `<${path}?${parameters.toString()}>; rel="next"`
}
