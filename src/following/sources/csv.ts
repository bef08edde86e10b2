import { open, type FileHandle } from 'node:fs/promises'
import { parseCsv } from '../../candles/parse-csv.js'
import type { Submission } from '../../candles/submission.js'
import { FollowFailure } from '../failure.js'
import type { Source } from '../source.js'
import { keepLast } from './keep-last.js'

const firstTailBytes = 65_536
const maxHeaderBytes = 65_536
/** Two million bars; more at once is an import. */
const maxTailBytes = 128 * 1024 ** 2

/**
 * A CSV file to which lines are added, oldest bar first. Only its end is read: as much as reaches back to what is wanted. A last line without
 * its line end waits until it is whole. Of several lines for one open time the last counts.
 */
export function createCsvSource(path: string): Source {
  return {
    pageBars: Infinity,
    about: `csv ${path}`,
    async page(sinceMs, signal) {
      const file = await open(path).catch((cause: unknown) => {
        throw unreadable(path, cause)
      })
      try {
        return await readTail(file, path, sinceMs, signal)
      } finally {
        await file.close()
      }
    },
  }
}

async function readTail(file: FileHandle, path: string, sinceMs: number, signal: AbortSignal): Promise<Submission | undefined> {
  const { size } = await file.stat()
  const header = await readHeader(file, Math.min(size, maxHeaderBytes), path)
  if (header === undefined) return undefined
  for (let length = firstTailBytes; ; length *= 4) {
    signal.throwIfAborted()
    const from = Math.max(header.bytes, size - length)
    if (size - from > maxTailBytes)
      throw new FollowFailure('too-large', `${path}: more than ${maxTailBytes} bytes are new; import the file first`)
    const lines = wholeLines(await readBytes(file, from, size), from === header.bytes)
    if (lines.trim() === '' && from === header.bytes) return undefined
    const submission = lines.trim() === '' ? undefined : parse(`${header.line}\n${lines}`, path, from === header.bytes)
    if (from === header.bytes || (submission !== undefined && submission.openTimeMs[0]! <= sinceMs)) {
      return submission === undefined ? undefined : keepLast(submission)
    }
  }
}

/** @returns undefined while the header itself is not whole */
async function readHeader(file: FileHandle, length: number, path: string): Promise<{ line: string; bytes: number } | undefined> {
  const bytes = await readBytes(file, 0, length)
  const end = bytes.indexOf(0x0a)
  if (end >= 0) return { line: bytes.toString('utf8', 0, end), bytes: end + 1 }
  if (length === maxHeaderBytes) throw new FollowFailure('bad-candles', `${path}: the first line has no end; a header is expected`)
  return undefined
}

/** @param isStart false: the first line may be cut, and is left out */
function wholeLines(bytes: Buffer, isStart: boolean): string {
  const from = isStart ? 0 : bytes.indexOf(0x0a) + 1
  return bytes.toString('utf8', from, Math.max(from, bytes.lastIndexOf(0x0a) + 1))
}

function parse(text: string, path: string, isWhole: boolean): Submission {
  try {
    return parseCsv(text)
  } catch (cause) {
    const hint = isWhole ? '' : ' (lines are counted from the part that was read)'
    throw new FollowFailure('bad-candles', `${path}: ${(cause as Error).message}${hint}`, { cause })
  }
}

async function readBytes(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from)
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled)
    // Shorter than a moment ago: it is being replaced.
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

function unreadable(path: string, cause: unknown): FollowFailure {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  return new FollowFailure('unreadable', `${path} ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`}`, { cause })
}
