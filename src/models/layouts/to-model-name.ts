/** A name that a model can be asked by, made of names on the disk: lower case, what is not allowed becomes `-`. */
export function toModelName(...parts: readonly string[]): string {
  const name = parts
    .map((part) => part.toLowerCase().replace(/[^a-z0-9._-]+/g, '-'))
    .join('.')
    .replace(/^[^a-z0-9]+/, '')
  return name.slice(0, 100) || 'model'
}
