import type { RequestOptions } from './client.js'

/** Headers and payload of a request: bytes and text as they are, everything else as JSON. */
export function toBody({ headers = {}, body }: RequestOptions): { headers: Record<string, string>; payload?: string | Buffer } {
  if (body === undefined) return { headers }
  if (typeof body === 'string' || Buffer.isBuffer(body)) return { headers, payload: body }
  return { headers: { 'content-type': 'application/json', ...headers }, payload: JSON.stringify(body) }
}
