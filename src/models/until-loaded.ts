import { once } from 'node:events'
import type { Registry } from './registry.js'

/**
 * Resolves when every bundle is served or refused.
 * @throws the signal's reason when it is aborted before
 */
export async function untilLoaded({ loaded }: Pick<Registry, 'loaded'>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const stop = new AbortController()
  try {
    await Promise.race([loaded, once(signal, 'abort', { signal: stop.signal }).catch(() => undefined)])
  } finally {
    stop.abort()
  }
  signal.throwIfAborted()
}
