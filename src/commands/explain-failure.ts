import { CannotStart } from '../cannot-start.js'
import { ConfigError } from '../config.js'
import { BAD_INPUT, UNEXPECTED } from '../exit-codes.js'
import type { Command } from './command.js'
import { InputError } from './input-error.js'
import { ServiceError } from './service-error.js'

export interface Explained {
  /** For people: one line, but for unexpected failures, which show where they happened. */
  readonly message: string
  readonly exitCode: number
}

/**
 * What to print for a failure, and how to end.
 * @param command whose options are named instead of the fields of the request that it sent
 */
export function explainFailure(error: unknown, command?: Pick<Command, 'options' | 'fields'>): Explained {
  if (error instanceof ServiceError) return explainRefusal(error, (pointer) => optionOf(pointer, command))
  if (error instanceof InputError || error instanceof CannotStart || error instanceof ConfigError)
    return { message: error.message, exitCode: BAD_INPUT }
  const unexpected = error as NodeJS.ErrnoException
  const aboutFile = fileFailures[unexpected.code ?? '']
  if (aboutFile !== undefined && unexpected.path !== undefined) {
    return { message: `${unexpected.path} ${aboutFile}`, exitCode: BAD_INPUT }
  }
  return { message: unexpected.stack ?? String(error), exitCode: UNEXPECTED }
}

function explainRefusal({ status, code, message, problem }: ServiceError, nameOf: (pointer: string) => string): Explained {
  const pointers = (Array.isArray(problem.errors) ? problem.errors : [])
    .map((entry: { pointer?: unknown } | null) => entry?.pointer)
    .filter((pointer): pointer is string => typeof pointer === 'string' && pointer !== '')
  const told = pointers.reduce((text, pointer) => inPlaces(text, pointer, nameOf(pointer)), message)
  const further = pointers
    .filter((pointer) => !message.includes(pointer))
    .slice(0, 5)
    .map(nameOf)
  const where = further.length > 0 ? ` (at ${further.join(', ')})` : ''
  const request = status > 499 && typeof problem.request_id === 'string' ? `, request ${problem.request_id}` : ''
  return { message: `${told.replaceAll('\n', ' ')}${where} [${code}${request}]`, exitCode: status > 499 ? UNEXPECTED : BAD_INPUT }
}

/** A message with another name where it says where: at the beginning of a sentence, `/from: …`, or in its end, `… (at /from)`. */
function inPlaces(message: string, pointer: string, name: string): string {
  const named = message.replaceAll(`(at ${pointer})`, `(at ${name})`).replaceAll(`; ${pointer}: `, `; ${name}: `)
  return named.startsWith(`${pointer}: `) ? name + named.slice(pointer.length) : named
}

/** The option that a field of the request came from; fields that no option gives keep their name. */
function optionOf(pointer: string, { options, fields = {} }: Pick<Command, 'options' | 'fields'> = { options: {} }): string {
  const [field = '', ...below] = pointer.replace(/^\//, '').split('/')
  const name = fields[field] ?? [field, field.replaceAll('_', '-'), field.replace(/s$/, '')].find((each) => Object.hasOwn(options, each))
  // Of a list the place says nothing to who gave the values one by one.
  return name === undefined || (below.length > 0 && !/^\d+$/.test(below.join('/'))) ? pointer : `--${name}`
}

/** Failures of the file system that a user can mend. */
const fileFailures: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be used by this user',
  EPERM: 'may not be used by this user',
  EISDIR: 'is a folder',
  ENOTDIR: 'goes through something that is no folder',
  EEXIST: 'exists already',
  EROFS: 'lies on a file system that cannot be written',
  ENOSPC: 'does not fit: the disk is full',
}
