import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { CannotStart } from '../cannot-start.js'
import type { Config } from '../config.js'
import type { Client, ConnectOptions } from './client.js'
import { createHttpClient } from './http-client.js'
import { InputError } from './input-error.js'
import { ServiceError } from './service-error.js'

export interface Way {
  readonly config: Config
  /** What `--url` says. */
  readonly url: string | undefined
  readonly signal: AbortSignal
  readonly nowMs: () => number
}

/**
 * The way to the service. With `--url`: that server and no other. Otherwise the database is opened in this process; when another process holds
 * it, the server at the configured address is asked, if it is that process.
 * @throws InputError when there is no way; the message names the process that holds the file
 */
export async function connect(way: Way, options: ConnectOptions = {}): Promise<Client> {
  const { config, url } = way
  if (url !== undefined) return toServer(parseUrl(url), way, options)
  if (config.database === ':memory:') {
    return toServer(configuredUrl(config), way, options).catch((error: unknown) => {
      throw new InputError(
        `BARCAST_DATABASE is :memory:, which keeps nothing, and there is no server to ask: ${(error as Error).message}. Set BARCAST_DATABASE to a file, or give --url.`,
        { cause: error },
      )
    })
  }
  if (options.creates !== true && !existsSync(config.database)) {
    throw new InputError(`there is no database ${config.database}. BARCAST_DATABASE names it; --url names a server.`)
  }
  // Who holds the file may be about to end, or to listen.
  for (const deadline = Date.now() + patienceMs; ; await setTimeout(100, undefined, { signal: way.signal })) {
    try {
      const { createInProcessClient } = await import('./in-process-client.js')
      return await createInProcessClient(config, { models: options.models === true, nowMs: way.nowMs })
    } catch (held) {
      if (!(held instanceof CannotStart && isHeld(held.message))) throw held
      try {
        return await toServer(configuredUrl(config), way, options, holderOf(held.message))
      } catch (error) {
        if (way.signal.aborted) throw way.signal.reason
        if (Date.now() < deadline) continue
        throw new InputError(`${held.message} Asked as a server instead: ${(error as Error).message}. --url names another.`, {
          cause: error,
        })
      }
    }
  }
}

const patienceMs = 1_500

/** The words of the store when DuckDB is refused the lock. */
function isHeld(message: string): boolean {
  return message.includes('is held by another process')
}

function holderOf(message: string): number | undefined {
  const pid = Number(/PID (\d+)/.exec(message)?.[1])
  return pid > 0 ? pid : undefined
}

async function toServer(url: URL, { signal }: Way, { models }: ConnectOptions, holder?: number): Promise<Client> {
  const client = createHttpClient(url, signal)
  await requireBarcast(client, holder)
  if (models === true) await untilLoaded(client, signal)
  return client
}

/** GET /livez names the process, so that a command never writes into the database of another server. */
async function requireBarcast(client: Client, holder: number | undefined): Promise<void> {
  const noBarcast = () => new InputError(`what answers at ${client.target} is no barcast server`)
  const answer = await client.request('GET', '/livez').catch((error: unknown) => {
    throw error instanceof ServiceError ? noBarcast() : error
  })
  const alive = await answer.json<{ status?: unknown }>().catch(() => undefined)
  const pid = Number(answer.header('x-barcast-process'))
  if (alive?.status !== 'alive' || !(pid > 0)) throw noBarcast()
  if (holder !== undefined && pid !== holder) {
    throw new InputError(`the server at ${client.target} is process ${pid}, which serves another database`)
  }
}

async function untilLoaded(client: Client, signal: AbortSignal): Promise<void> {
  for (;;) {
    const answer = await client.request('GET', '/models')
    const { models } = await answer.json<{ models: readonly { state: string }[] }>()
    if (!models.some(({ state }) => state === 'loading')) return
    await setTimeout(200, undefined, { signal })
  }
}

function configuredUrl({ host, port }: Config): URL {
  if (port === 0) throw new InputError('BARCAST_PORT is 0, so that the address of the server is not known')
  const local: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  const address = local[host] ?? host
  return new URL(`http://${address.includes(':') ? `[${address}]` : address}:${port}`)
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InputError(`--url ${JSON.stringify(text)} is no address; one such as http://127.0.0.1:8080 is expected`)
  }
  return url
}
