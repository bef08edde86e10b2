import type { FastifyRequest } from 'fastify'
import type { RawBody } from '../predictions/candle-body.js'

/** The body of a request as it came, with what says how to read it. */
export function rawBody({ headers, body }: Pick<FastifyRequest, 'headers' | 'body'>): RawBody {
  return {
    contentType: headers['content-type'] ?? 'application/json',
    contentEncoding: headers['content-encoding'],
    body: (body as Buffer | undefined) ?? Buffer.alloc(0),
  }
}
