import type { IncomingMessage } from 'node:http'

export interface DiscardLimits {
  /** A body that is larger is not waited for. */
  readonly maxBytes: number
  readonly withinMs: number
}

/**
 * Reads what a client still sends and forgets it: many clients look for the answer only after they sent everything, and see a broken
 * connection when it was closed before.
 * @returns whether the body came to its end within the limits
 */
export async function discardBody(request: IncomingMessage, { maxBytes, withinMs }: DiscardLimits): Promise<boolean> {
  if (request.complete) return true
  if (request.destroyed || Number(request.headers['content-length'] ?? 0) > maxBytes) return false
  return new Promise((resolve) => {
    let bytes = 0
    const timer = setTimeout(settle, withinMs, false)
    request.on('data', count).on('end', ended).on('close', closed).on('error', closed).resume()

    function count(chunk: Buffer): void {
      bytes += chunk.length
      if (bytes > maxBytes) settle(false)
    }
    function ended(): void {
      settle(true)
    }
    function closed(): void {
      settle(request.complete)
    }
    function settle(isComplete: boolean): void {
      clearTimeout(timer)
      // The error handler stays: an error that nobody handles would end the process.
      request.off('data', count).off('end', ended).off('close', closed)
      resolve(isComplete)
    }
  })
}
