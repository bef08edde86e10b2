/** Where two JSON values differ first, in the order of the first one's members: a path such as `signal.take_profits.0.price`, and both values. */
export interface DifferentMember {
  readonly path: string
  /** Undefined: there is none. */
  readonly stored: unknown
  readonly recomputed: unknown
}

/** Undefined when they are equal. Depth-first; a member that only one of them has counts. */
export function differentMember(stored: unknown, recomputed: unknown, path = ''): DifferentMember | undefined {
  if (isParent(stored) && isParent(recomputed) && Array.isArray(stored) === Array.isArray(recomputed)) {
    for (const key of new Set([...Object.keys(stored), ...Object.keys(recomputed)])) {
      const found = differentMember(stored[key], recomputed[key], path === '' ? key : `${path}.${key}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return Object.is(stored, recomputed) ? undefined : { path, stored, recomputed }
}

function isParent(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
