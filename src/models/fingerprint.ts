import { statSync } from 'node:fs'

/**
 * What tells a changed file from an unchanged one without reading it: size, time of the last change, inode; of every path, in their order. At once: four
 * microseconds a file, by way of other threads seventy.
 */
export function fingerprint(paths: readonly string[]): string {
  return paths.map(one).join('\n')
}

function one(path: string): string {
  try {
    const { size, mtimeNs, ino } = statSync(path, { bigint: true })
    return `${size} ${mtimeNs} ${ino}`
  } catch {
    return '-'
  }
}
