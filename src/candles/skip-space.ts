/** Index of the first byte from `from` on that is no white space of JSON. */
export function skipSpace(text: Buffer, from: number): number {
  let at = from
  for (let code = text[at]; code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;) code = text[++at]
  return at
}
