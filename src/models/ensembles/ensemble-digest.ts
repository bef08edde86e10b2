import { hash } from 'node:crypto'

/**
 * What tells one ensemble from another: SHA-256, hex, over its canonical manifest and, in their order, its members' names and digests, a line
 * each. A member that is another file makes another ensemble.
 * @param file digest of the ensemble's own model file, when it has one
 */
export function ensembleDigest(
  canonical: string,
  members: readonly { readonly name: string; readonly sha256: string }[],
  file?: string,
): string {
  const lines = [
    'barcast ensemble 1',
    canonical,
    ...members.map(({ name, sha256 }) => `${name} ${sha256}`),
    ...(file === undefined ? [] : [`file ${file}`]),
  ]
  return hash('sha256', lines.map((each) => `${each}\n`).join(''), 'hex')
}
