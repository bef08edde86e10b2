/**
 * The known name that a wrong one was probably meant to be: fewest single-character edits (Levenshtein) whatever the case, the
 * first of equals. Null when even the closest differs in more than half of its characters.
 */
export function nearestName(name: string, known: Iterable<string>): string | null {
  const wrong = name.toLowerCase()
  let nearest: string | null = null
  let best = Infinity
  for (const candidate of known) {
    if (candidate === name) return candidate
    const most = Math.min(best - 1, Math.floor(Math.max(name.length, candidate.length) / 2))
    const distance = editDistance(wrong, candidate.toLowerCase(), most)
    if (distance > most) continue
    best = distance
    nearest = candidate
  }
  return nearest
}

/** Insertions, deletions and replacements that turn `a` into `b`; any number above `most` stands for "more than that". */
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let row = Uint32Array.from({ length: b.length + 1 }, (_, j) => j)
  let next = new Uint32Array(b.length + 1)
  for (let i = 0; i < a.length; i++) {
    next[0] = i + 1
    let least = i + 1
    for (let j = 0; j < b.length; j++) {
      const replaced = row[j]! + (a.charCodeAt(i) === b.charCodeAt(j) ? 0 : 1)
      const cost = Math.min(replaced, row[j + 1]! + 1, next[j]! + 1)
      next[j + 1] = cost
      if (cost < least) least = cost
    }
    if (least > most) return most + 1
    ;[row, next] = [next, row]
  }
  return row[b.length]!
}
