import { FollowFailure } from '../failure.js'
import { retryAfterMs } from './retry-after.js'

export interface ByteRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** From the request to the last byte. */
  readonly timeoutMs: number
  readonly maxBytes: number
}

const maxRedirects = 5

/**
 * The body of a GET answer with status 200. Redirects are followed on the same host only, so that headers go nowhere else.
 * @throws FollowFailure, naming the host and nothing more of the URL
 */
export async function requestBytes(request: ByteRequest, signal: AbortSignal): Promise<Uint8Array> {
  signal.throwIfAborted()
  // AbortSignal.any keeps what it listens to alive for as long as the outer signal lives.
  const ending = new AbortController()
  const onAbort = () => ending.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  let late = false
  const timer = setTimeout(() => {
    late = true
    ending.abort()
  }, request.timeoutMs)
  const { host } = new URL(request.url)
  let received: number | undefined
  try {
    const response = await answerOf(request, ending.signal)
    received = 0
    return await readWhole(response, request.maxBytes, (bytes) => (received = bytes))
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof FollowFailure) throw cause
    if (late) throw new FollowFailure('timeout', `${host} did not answer whole within ${request.timeoutMs} ms`)
    const what =
      received === undefined
        ? 'cannot be reached, or hung up without an answer'
        : `hung up in the middle of its answer, after ${received} bytes`
    throw new FollowFailure('unreachable', `${host} ${what} (${codeOf(cause)})`)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    // What is not read any more is not waited for.
    ending.abort()
  }
}

async function answerOf({ url, headers }: ByteRequest, signal: AbortSignal): Promise<Response> {
  const { host } = new URL(url)
  let at = url
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await fetch(at, { headers, redirect: 'manual', signal })
    if (response.status < 300 || response.status > 399) {
      refuseStatus(response, host)
      return response
    }
    const next = URL.parse(response.headers.get('location') ?? '', at)
    if (next === null) throw new FollowFailure('redirect', `${host} answered ${response.status} without a place to go`)
    if (next.host !== host || next.protocol !== new URL(url).protocol) {
      throw new FollowFailure('redirect', `${host} sends us to another host (${response.status}), which is not followed`)
    }
    at = next.href
  }
  throw new FollowFailure('redirect', `${host} redirects more than ${maxRedirects} times`)
}

/** 418: what one exchange answers to those who did not heed its 429. */
function refuseStatus({ status, headers }: Response, host: string): void {
  if (status === 200) return
  const waitMs = retryAfterMs(headers.get('retry-after'), Date.now())
  const options = waitMs === undefined ? {} : { retryAfterMs: waitMs }
  if (status === 429 || status === 418) throw new FollowFailure('rate-limited', `${host} answered ${status}: too many requests`, options)
  throw new FollowFailure('status', `${host} answered ${status}`, options)
}

async function readWhole(response: Response, maxBytes: number, onBytes: (received: number) => void): Promise<Uint8Array> {
  const tooLarge = () => new FollowFailure('too-large', `the answer is larger than ${maxBytes} bytes`)
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length
    if (size > maxBytes) throw tooLarge()
    onBytes(size)
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks)
}

/** The error's own code: its message may hold the URL. */
function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  const found = cause?.code ?? code
  return typeof found === 'string' ? found : 'no reason given'
}
