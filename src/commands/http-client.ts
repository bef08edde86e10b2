import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { answerOf } from './answer-of.js'
import type { Answer, Client, RequestOptions } from './client.js'
import { InputError } from './input-error.js'
import { toBody } from './to-body.js'
import { ServiceError, toServiceError } from './service-error.js'
import { withQuery } from './with-query.js'

/** A server under an address, which may hold a path and, for a proxy that asks for them, a user's name and password. */
export function createHttpClient(url: URL, signal: AbortSignal): Client {
  const base = url.origin + url.pathname.replace(/\/+$/, '')
  const user = url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  const authorization: Record<string, string> = user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` }
  return { target: base, request, close: () => Promise.resolve() }

  async function request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { headers, payload } = toBody(options)
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(base + withQuery(path, options.query), {
        method,
        headers: { ...authorization, ...headers },
        signal: options.signal ?? signal,
        ...(payload !== undefined && { body: payload }),
      }).catch((cause: unknown) => {
        throw signal.aborted ? signal.reason : unreachable(base, cause)
      })
      const body = Readable.from(response.body === null ? [] : whole(response.body as ReadableStream<Uint8Array>))
      if (response.status < 400) return answerOf(response.status, (name) => response.headers.get(name) ?? undefined, body)
      const refusal = toServiceError(response.status, await text(body))
      const waitSeconds = Number(response.headers.get('retry-after'))
      if (refusal.code !== 'overloaded' || attempt >= maxRetries || !(waitSeconds > 0 && waitSeconds <= longestWaitSeconds)) throw refusal
      await setTimeout(waitSeconds * 1000, undefined, { signal })
    }
  }

  async function* whole(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) yield chunk
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      throw new ServiceError(502, 'cut-off', `the answer of ${base} was cut off: ${reasonOf(cause)}`)
    }
  }
}

/** A server with too much to do says when to come again. */
const maxRetries = 5
const longestWaitSeconds = 10

function unreachable(base: string, cause: unknown): InputError {
  return new InputError(`${base} does not answer: ${reasonOf(cause)}`, { cause })
}

/** What fetch says is in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } }
  return cause?.code ?? cause?.message ?? message
}
