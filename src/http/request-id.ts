import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The id that a caller gave in X-Request-Id where it is safe to log and to send back, otherwise a new one. */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}
