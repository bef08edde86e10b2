import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problemResponse } from '../http/components.js'
import type { Snapshots } from './snapshots.js'

/** GET /snapshot: a consistent copy of the database, as bytes. */
export function snapshotRoutes(app: FastifyInstance, { snapshots }: { readonly snapshots: Snapshots }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/snapshot',
    {
      // A HEAD request would make a copy for nothing.
      exposeHeadRoute: false,
      schema: {
        operationId: 'getSnapshot',
        summary: 'A consistent copy of the database',
        description:
          'A DuckDB file that any program may open, as of one moment while others read and write. One at a time; needs as much disk again meanwhile.',
        tags: ['snapshot'],
        querystring: z.strictObject({}),
        response: {
          200: {
            description: 'The file.',
            headers: { 'content-length': { type: 'integer', description: 'Bytes of the file.' } },
            content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
          },
          '4xx': problemResponse('The request is not valid.'),
          '5xx': problemResponse('The store cannot answer, or another copy is being made.'),
        },
      },
    },
    async (_request, reply) => {
      const { path, nBytes, remove } = await snapshots.make()
      // Also emitted after a failure, and when the client goes away.
      const file = createReadStream(path).once('close', () => void remove())
      await once(file, 'open')
      reply.headers({
        'content-type': 'application/octet-stream',
        'content-length': String(nBytes),
        'content-disposition': 'attachment; filename="barcast.duckdb"',
        'cache-control': 'no-store',
      })
      return reply.send(file)
    },
  )
}
