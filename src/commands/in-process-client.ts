import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import type { Config } from '../config.js'
import { openService } from '../open-service.js'
import { readVersion } from '../version.js'
import { answerOf } from './answer-of.js'
import type { Answer, Client, RequestOptions } from './client.js'
import { toServiceError } from './service-error.js'
import { toBody } from './to-body.js'
import { withQuery } from './with-query.js'

export interface InProcessOptions {
  /** True: models are loaded, and waited for. */
  readonly models: boolean
  readonly nowMs: () => number
}

/**
 * The whole service in this process, asked without a socket. What goes wrong inside is logged to stderr.
 * @throws CannotStart when the database or the models cannot be opened
 */
export async function createInProcessClient(config: Config, { models, nowMs }: InProcessOptions): Promise<Client> {
  const logger = pino({ level: 'warn', base: null }, pino.destination({ dest: 2, sync: true }))
  const { app, parts, close } = await openService(config, { version: readVersion(), logger, models, nowMs })
  await parts.registry.loaded
  return { target: config.database, request, close }

  async function request(method: 'GET' | 'POST' | 'DELETE', path: string, options: RequestOptions = {}): Promise<Answer> {
    const { headers, payload } = toBody(options)
    const response = await app.inject({
      method,
      url: withQuery(path, options.query),
      headers,
      payloadAsStream: true,
      ...(payload !== undefined && { payload }),
    })
    if (response.statusCode >= 400) throw toServiceError(response.statusCode, await text(response.stream()))
    return answerOf(response.statusCode, (name) => response.headers[name]?.toString(), response.stream())
  }
}
