import type { Readable } from 'node:stream'

export interface ConnectOptions {
  /** True: the command asks models, so they are loaded, and waited for. */
  readonly models?: boolean
  /** True: a database that does not exist is made. Otherwise it is an input error. */
  readonly creates?: boolean
}

/** The service, wherever it runs: the same requests and answers over HTTP as in this process. No path of a file goes over it. */
export interface Client {
  /** For messages: the server's address, or the database file. */
  readonly target: string
  /**
   * Asks and answers what came, for statuses below 400.
   * @throws ServiceError for a refusal, with its problem
   */
  request(method: 'GET' | 'POST' | 'DELETE', path: string, options?: RequestOptions): Promise<Answer>
  close(): Promise<void>
}

export interface RequestOptions {
  /** Query parameters; undefined ones are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes or text as they are (say which in `content-type`); everything else as JSON. */
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** One answer; its body is read once, in one of the three ways, or not at all. */
export interface Answer {
  readonly status: number
  /** Value of a header, by its lower-case name. */
  header(name: string): string | undefined
  stream(): Readable
  bytes(): Promise<Buffer>
  json<T>(): Promise<T>
}
