import { loadConfig } from '../config.js'
import { BAD_INPUT, DONE } from '../exit-codes.js'
import { nearestName } from '../nearest-name.js'
import { shorten } from '../shorten.js'
import type { Client } from './client.js'
import type { Context, Output } from './command.js'
import { connect } from './connect.js'
import { explainFailure } from './explain-failure.js'
import { helpOf, listing } from './help.js'
import { parseArguments } from './parse-arguments.js'
import { commands } from './table.js'

/** What a command is run with; tests give their own. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly stdout: Output
  readonly stderr: Output
  readonly isTerminal: boolean
  readonly signal: AbortSignal
  readonly nowMs?: () => number
}

/**
 * Runs the command that the words name, and says on stderr why it fails.
 * @returns the exit code
 * @throws the signal's reason when it was aborted, after everything is closed
 */
export async function runCommand(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, signal } = surroundings
  const found = find(words)
  if (found === undefined) return notFound(words, surroundings)
  const command = await found.load()
  let client: Promise<Client> | undefined
  try {
    const { args, values, url, help } = parseArguments(command, found.rest)
    if (help) {
      stdout.write(`${helpOf(command)}\n`)
      return DONE
    }
    const config = loadConfig(surroundings.env)
    for (const name of config.unknownNames) stderr.write(`barcast: ${name} is no setting; barcast help lists them\n`)
    const { nowMs = Date.now, isTerminal } = surroundings
    const context: Context = {
      ...{ args, values, config, stdout, stderr, isTerminal, signal, nowMs },
      connect: (options) => (client ??= connect({ config, url, signal, nowMs }, options)),
    }
    return await command.run(context)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const { message, exitCode } = explainFailure(error, command)
    stderr.write(`barcast: ${message}\n`)
    return exitCode
  } finally {
    await client?.then((opened) => opened.close()).catch(() => undefined)
  }
}

/** Two words before one: `export candles` is a command, `export` is not. */
function find(words: readonly string[]) {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ')
    const load = words.length >= length && Object.hasOwn(commands, name) ? commands[name] : undefined
    if (load !== undefined) return { load, rest: words.slice(length) }
  }
  return undefined
}

/** A first word that several commands share is told which they are; everything else the nearest name. */
async function notFound(words: readonly string[], { stdout, stderr }: Surroundings): Promise<number> {
  const [first = '', second] = words
  const members = Object.keys(commands).filter((name) => name.startsWith(`${first} `))
  if (members.length > 0 && (second === undefined || second === '--help' || second === '-h')) {
    const rows = await Promise.all(members.map(async (name) => [name, (await commands[name]!()).summary] as const))
    const asked = second !== undefined
    ;(asked ? stdout : stderr).write(`${asked ? '' : `barcast: ${first} what?\n`}${listing(rows)}\n`)
    return asked ? DONE : BAD_INPUT
  }
  const pair = second === undefined ? null : nearestName(`${first} ${second}`, Object.keys(commands))
  const groups = Object.keys(commands).map((name) => name.split(' ')[0]!)
  const nearest = pair ?? nearestName(first, [...Object.keys(commands), ...groups])
  const hint = nearest === null ? '' : ` The nearest is ${nearest}.`
  stderr.write(
    `barcast: ${JSON.stringify(shorten(words.join(' ')))} is not understood.${hint} barcast help lists the commands; without one barcast serves.\n`,
  )
  return BAD_INPUT
}
