import type { ParseArgsConfig } from 'node:util'
import type { Config } from '../config.js'
import type { Client, ConnectOptions } from './client.js'

/**
 * One command of `barcast`. To add one: a file that exports `defineCommand({ … })`, a row in `table.ts`, a section in `docs/commands.md`.
 * `run` gets what it needs in its context and returns the exit code: 0 done, 2 bad arguments or input, 3 unexpected. What it throws is printed
 * as one line: an `InputError` ends with 2, a refusal of the service (`ServiceError`) with 2 or 3, everything else with 3. Results go to
 * `stdout`; progress and warnings to `stderr`. Long work looks at `signal` between its steps (`signal.throwIfAborted()`), so that Ctrl-C ends
 * it after a whole step. Heavy modules (DuckDB, the app) are imported inside `run`, so that `--help` needs none of them.
 */
export interface Command<Opts extends Options = Options> {
  /** One or two words, as they are typed. */
  readonly name: string
  /** One line for `barcast help`. */
  readonly summary: string
  /** What follows the name, as `--help` shows it, e.g. `FILE [--symbol NAME]`; a line per way of use. */
  readonly usage: string
  /** Further lines for `--help`: what is read, written and printed. */
  readonly about?: string
  /** Names of the arguments that are no options, in order; all are required. */
  readonly operands?: readonly string[]
  /** Names of further arguments, which may be left out. */
  readonly optionalOperands?: readonly string[]
  readonly options: Opts
  /** Options by the field of a request that they become, where the names are not alike; for messages. */
  readonly fields?: Readonly<Record<string, string>>
  /** A method, so that commands of all options fit into one table. */
  run(context: Context<Opts>): Promise<number>
}

/** Options by their long name. `--url` and `--help` are added to every command. */
export type Options = Readonly<Record<string, Option>>

export interface Option {
  readonly type: 'string' | 'boolean'
  /** May be given several times; its value is then a list. */
  readonly multiple?: boolean
  readonly short?: string
  /** What stands for the value in the help, e.g. NAME. */
  readonly value?: string
  readonly about: string
}

export type Values<Opts extends Options> = {
  readonly [Name in keyof Opts]?: Opts[Name]['type'] extends 'boolean' ? boolean : Opts[Name]['multiple'] extends true ? string[] : string
}

export interface Context<Opts extends Options = Options> {
  /** The arguments that are no options, at least as many as `operands`. */
  readonly args: readonly string[]
  readonly values: Values<Opts>
  /**
   * Opens the way to the service: the server that `--url` names; else the database itself, in this process; else, when another process holds it,
   * the server at the configured address. Opened once, closed when the command ends.
   * @throws InputError when there is no way, with the reason
   */
  readonly connect: (options?: ConnectOptions) => Promise<Client>
  readonly config: Config
  readonly stdout: Output
  readonly stderr: Output
  /** True when somebody watches `stderr`: then progress is shown. */
  readonly isTerminal: boolean
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  /** The clock, epoch milliseconds. */
  readonly nowMs: () => number
}

export interface Output {
  write(text: string): unknown
}

/** Gives `run` the types of its values. */
export function defineCommand<const Opts extends Options>(command: Command<Opts>): Command<Opts> {
  return command
}

/** As `node:util` wants options. */
export function toParseArgs(options: Options): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple = false, short }]) => [name, { type, multiple, ...(short && { short }) }]),
  )
}
