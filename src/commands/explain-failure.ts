import { CannotStart } from '../cannot-start.js'
import { ConfigError } from '../config.js'
import { BAD_INPUT, UNEXPECTED } from '../exit-codes.js'
import { InputError } from './input-error.js'
import { ServiceError } from './service-error.js'

export interface Explained {
  /** For people: one line, but for unexpected failures, which show where they happened. */
  readonly message: string
  readonly exitCode: number
}

/** What to print for a failure, and how to end. */
export function explainFailure(error: unknown): Explained {
  if (error instanceof ServiceError) return explainRefusal(error)
  if (error instanceof InputError || error instanceof CannotStart || error instanceof ConfigError)
    return { message: error.message, exitCode: BAD_INPUT }
  const unexpected = error as NodeJS.ErrnoException
  const aboutFile = fileFailures[unexpected.code ?? '']
  if (aboutFile !== undefined && unexpected.path !== undefined) {
    return { message: `${unexpected.path} ${aboutFile}`, exitCode: BAD_INPUT }
  }
  return { message: unexpected.stack ?? String(error), exitCode: UNEXPECTED }
}

function explainRefusal({ status, code, message, problem }: ServiceError): Explained {
  const pointers = (Array.isArray(problem.errors) ? problem.errors : [])
    .map((entry: { pointer?: unknown } | null) => entry?.pointer)
    .filter((pointer): pointer is string => typeof pointer === 'string' && pointer !== '' && !message.includes(pointer))
    .slice(0, 5)
  const where = pointers.length > 0 ? ` (at ${pointers.join(', ')})` : ''
  const request = status > 499 && typeof problem.request_id === 'string' ? `, request ${problem.request_id}` : ''
  return { message: `${message.replaceAll('\n', ' ')}${where} [${code}${request}]`, exitCode: status > 499 ? UNEXPECTED : BAD_INPUT }
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
