import type { Context } from './command.js'

export interface Progress {
  /** Shows how far the work is, as one line in the place of the last; at most ten times a second, and only when somebody watches. */
  show(done: number, total: number | undefined, unit: string): void
  /** Takes the line away, before results are written. */
  clear(): void
}

/** A line on stderr that says how far the work is. On no terminal nothing is written. */
export function createProgress({ stderr, isTerminal, nowMs }: Pick<Context, 'stderr' | 'isTerminal' | 'nowMs'>): Progress {
  let shownMs = -Infinity
  let isShown = false

  return {
    show(done, total, unit) {
      if (!isTerminal || nowMs() - shownMs < 100) return
      shownMs = nowMs()
      isShown = true
      const share =
        total === undefined ? '' : ` of ${total} ${bar(done / Math.max(1, total))} ${Math.floor((100 * done) / Math.max(1, total))} %`
      stderr.write(`\r\u001b[K${done}${share} ${unit}`)
    },
    clear() {
      if (isShown) stderr.write('\r\u001b[K')
      isShown = false
    },
  }
}

function bar(share: number): string {
  const width = 24
  const full = Math.round(width * Math.min(1, share))
  return `[${'='.repeat(full)}${' '.repeat(width - full)}]`
}
