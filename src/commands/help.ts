import { settingsTable } from '../config.js'
import { BAD_INPUT, DONE, UNEXPECTED } from '../exit-codes.js'
import { readVersion } from '../version.js'
import type { Command, Options } from './command.js'
import { commands } from './table.js'

/** What `barcast help` prints: commands and settings. */
export async function help(): Promise<string> {
  const rows = await Promise.all(Object.values(commands).map(async (load) => load()))
  return `barcast ${readVersion()}: OHLCV candles in, provable LightGBM predictions out.

Usage: barcast                      serves until SIGTERM or SIGINT
       barcast COMMAND …            does one thing
       barcast COMMAND … --help     says how
       barcast help                 prints this
       barcast --version            prints the version

Commands, which work beside a running server as well as without one:
${listing(rows.map(({ name, summary }) => [name, summary]))}

Settings, from the environment (name, default, meaning):
${settingsTable()}

Exit codes: ${exitCodes}`
}

const exitCodes = `${DONE} done, ${BAD_INPUT} bad arguments or input, ${UNEXPECTED} unexpected.`

/** What `barcast COMMAND --help` prints. */
export function helpOf({ name, summary, usage, about, options }: Command): string {
  const uses = usage.split('\n').map((line, at) => `${at === 0 ? 'Usage: ' : '       '}barcast ${name} ${line}`.trimEnd())
  const all: Options = { ...options, ...commonOptions }
  const rows = Object.entries(all).map(
    ([long, { short, value, about }]) =>
      [`${short === undefined ? '' : `-${short}, `}--${long}${value === undefined ? '' : ` ${value}`}`, about] as const,
  )
  const parts = [`${summary}.`, uses.join('\n'), ...(about === undefined ? [] : [about]), `Options:\n${listing(rows)}`]
  return [...parts, `Exit codes: ${exitCodes}`].join('\n\n')
}

/** Every command has these. */
export const commonOptions = {
  url: {
    type: 'string',
    value: 'URL',
    about: 'ask this server; otherwise BARCAST_DATABASE is opened, or the server asked that holds it',
  },
  help: { type: 'boolean', short: 'h', about: 'print this' },
} as const satisfies Options

/** Pairs as two columns. */
export function listing(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  return rows.map(([name, about]) => `  ${name.padEnd(width)}${about}`).join('\n')
}
