/** Environment variables that a follow file may name: these and no others. */
export const secretName = /^BARCAST_SECRET_[A-Z0-9_]{1,80}$/

/** Names in braces, with or without a dollar before them, in order. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(/\$?\{([^}]*)\}/g)].map(([, name]) => name!)
}

/**
 * Puts values in the place of `{name}` and `${name}`; what has no value stays as it is.
 * @param write how a value is written there, such as encodeURIComponent
 */
export function fillPlaceholders(text: string, values: Readonly<Record<string, string>>, write: (value: string) => string): string {
  return text.replaceAll(/\$?\{([^}]*)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? write(values[name]!) : whole))
}
