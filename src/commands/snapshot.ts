import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { DONE } from '../exit-codes.js'
import { defineCommand } from './command.js'
import { InputError } from './input-error.js'
import { createProgress } from './progress.js'
import { replacement } from './tables/replacement.js'

export const snapshot = defineCommand({
  name: 'snapshot',
  summary: 'Writes a consistent copy of the database, also while a server serves',
  usage: 'OUT.duckdb [--force]',
  about: 'Any program may open the copy. It appears under its name when it is whole.',
  operands: ['OUT.duckdb'],
  options: { force: { type: 'boolean', about: 'replace a file that is there' } },
  async run({ args, values, connect, stdout, stderr, isTerminal, signal, nowMs }) {
    const [path] = args as [string]
    const file = await replacement(path, values.force === true)
    try {
      const client = await connect()
      const answer = await client.request('GET', '/snapshot')
      const expected = Number(answer.header('content-length'))
      const progress = createProgress({ stderr, isTerminal, nowMs })
      let bytes = 0
      await pipeline(
        answer.stream(),
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            bytes += chunk.length
            progress.show(bytes, expected, 'bytes')
            yield chunk
          }
        },
        createWriteStream(file.temporary),
        { signal },
      )
      progress.clear()
      if (bytes !== expected) throw new InputError(`the copy was cut off: ${bytes} of ${expected} bytes came`)
      await file.keep()
      stdout.write(`${path}: ${bytes} bytes, a copy of ${client.target}\n`)
      return DONE
    } catch (error) {
      await file.discard()
      throw error
    }
  },
})
