/** UTF-8 to text, without the byte order mark that some programs write. */
export function decodeUtf8(body: Buffer): string {
  const from = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
  return body.toString('utf8', from)
}
