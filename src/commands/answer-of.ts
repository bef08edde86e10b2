import type { Readable } from 'node:stream'
import { buffer, json } from 'node:stream/consumers'
import type { Answer } from './client.js'

/** An answer whose body comes as a stream. */
export function answerOf(status: number, header: (name: string) => string | undefined, body: Readable): Answer {
  return { status, header, stream: () => body, bytes: () => buffer(body), json: <T>() => json(body) as Promise<T> }
}
