import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { negotiate } from '../http/negotiate.js'
import type { FeatureTable } from './feature-table.js'
import { writeCsv } from './write-csv.js'
import { writeJson } from './write-json.js'
import { writeParquet } from './write-parquet.js'

export const tableFormats = ['application/json', 'text/csv', 'application/vnd.apache.parquet'] as const

/** How the answer to an Accept header is written; ask before the work is done. */
export function tableFormat(accept: string | undefined): (typeof tableFormats)[number] {
  return negotiate(accept, tableFormats)
}

/** Sends a table, as it is written: JSON and CSV never lie in memory as one text. */
export async function sendTable(
  reply: FastifyReply,
  format: (typeof tableFormats)[number],
  table: FeatureTable,
  { before, after }: { readonly before: Readonly<Record<string, unknown>>; readonly after?: Readonly<Record<string, unknown>> },
): Promise<FastifyReply> {
  reply.header('vary', 'accept')
  switch (format) {
    case 'application/json':
      return reply.type('application/json; charset=utf-8').send(Readable.from(writeJson(table, before, after)))
    case 'text/csv':
      return reply.type('text/csv; charset=utf-8; header=present').send(Readable.from(writeCsv(table)))
    case 'application/vnd.apache.parquet':
      return reply.type(format).send(await writeParquet(table))
  }
}
