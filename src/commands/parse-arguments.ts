import { parseArgs } from 'node:util'
import { nearestName } from '../nearest-name.js'
import { type Command, toParseArgs, type Values, type Options } from './command.js'
import { commonOptions } from './help.js'
import { InputError } from './input-error.js'

export interface Arguments {
  readonly args: readonly string[]
  readonly values: Values<Options>
  readonly url: string | undefined
  readonly help: boolean
}

/**
 * Options and operands of a command.
 * @throws InputError that names what is not understood, and the nearest option
 */
export function parseArguments({ name, options, operands = [], optionalOperands = [] }: Command, words: readonly string[]): Arguments {
  const all: Options = { ...options, ...commonOptions }
  const { values, positionals: args } = parse(name, all, words)
  const { url, help, ...own } = values as { url?: string; help?: boolean } & Values<Options>
  if (help === true) return { args, values: own, url, help }
  for (const [option, value] of Object.entries(values)) {
    if ([value].flat().includes('')) throw new InputError(`--${option} is empty`)
  }
  const missing = operands[args.length]
  if (missing !== undefined) throw new InputError(`${missing} is missing; barcast ${name} --help says how it is used`)
  const most = [...operands, ...optionalOperands]
  if (args.length > most.length)
    throw new InputError(`${JSON.stringify(args[most.length])} is not understood: ${name} takes ${count(most)}`)
  return { args, values: own, url, help: false }
}

function parse(name: string, options: Options, words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: toParseArgs(options), allowPositionals: true, strict: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const unknown = /'(-+[^']*)'/.exec(message)?.[1] ?? '?'
      const nearest = nearestName(unknown.replace(/^-+/, ''), Object.keys(options))
      throw new InputError(`${unknown} is no option of ${name}${nearest === null ? '' : `; the nearest is --${nearest}`}`, { cause: error })
    }
    if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') throw new InputError(message.split('\n')[0]!.replaceAll("'", ''), { cause: error })
    throw error
  }
}

function count(operands: readonly string[]): string {
  return operands.length === 0 ? 'options only' : operands.join(' ')
}
