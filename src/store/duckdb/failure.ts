import { Problem } from '../../errors.js'

/** A failure as callers see it: the database's own as a Problem whose cause goes to the log, mistakes in our code as they are. */
export function unavailable(cause: unknown): Error {
  if (cause instanceof Problem || cause instanceof TypeError || cause instanceof RangeError) return cause
  return new Problem('store-unavailable', 'The store cannot answer now; this request changed nothing.', {}, { cause, retryAfterSeconds: 5 })
}

/** After these DuckDB refuses everything until the file is opened anew. */
export function isFatal(cause: unknown): boolean {
  return /FATAL|INTERNAL|has been invalidated/i.test(messageOf(cause))
}

/** True when the rows are kept all the same: DuckDB could not move its log into the file afterwards (say, for want of space). */
export function isDurable(cause: unknown): boolean {
  return /COMMIT succeeded and is durable/i.test(messageOf(cause))
}

/** True when the disk is full, or the file may not grow. */
export function isForWantOfSpace(cause: unknown): boolean {
  return /ENOSPC|EFBIG|EDQUOT|No space|File too large|Disk quota/i.test(messageOf(cause))
}

/** True when the rows themselves can be to blame, so that other rows may still be kept. */
export function blamesRows(cause: unknown): boolean {
  return !/IO Error|No space|write file|Out of Memory|FATAL|INTERNAL|invalidated|Failed to commit/i.test(messageOf(cause))
}

/** Why a file could not be opened, for the operator. */
export function openFailure(path: string, cause: unknown): Error {
  return new Error(reason(path, messageOf(cause)), { cause })
}

function reason(path: string, message: string): string {
  const holder = /Conflicting lock is held in (.*?) ?\(PID (\d+)\)/.exec(message)
  if (holder !== null)
    return `${path} is held by another process: ${holder[1]}, PID ${holder[2]}. One process at a time can use a DuckDB file.`
  if (/set lock/.test(message)) return `${path} is held by another process. One process at a time can use a DuckDB file.`
  if (/not a valid DuckDB/.test(message)) return `${path} exists, but it is not a DuckDB file. Name another file, or a new one.`
  return `${path} cannot be opened: ${message.trim()}`
}

function messageOf(cause: unknown): string {
  if (cause instanceof Problem && cause.cause !== undefined) return messageOf(cause.cause)
  return cause instanceof Error ? cause.message : String(cause)
}
