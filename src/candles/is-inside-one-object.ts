/** Whether the beginning of a JSON text, which has no escapes, ends directly inside one object: `{"model": "a", `. */
export function isInsideOneObject(text: string): boolean {
  if (text.includes('\\')) return false
  const pieces = text.split('"')
  // Every second piece between quotes is a string.
  const outside = pieces.filter((_, index) => index % 2 === 0).join('')
  let open = ''
  for (const character of outside) {
    if (character === '{' || character === '[') open += character
    else if (character === '}' || character === ']') open = open.slice(0, -1)
  }
  return open === '{' && pieces.length % 2 === 1
}
