import { constants } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { writeThrough } from './write-through.js'

/** A file of entries, each on the disk before `append` resolves, in two halves: one is written while the other is worked off. */
export interface Journal {
  /** Everything whole that is in the file, also what was worked off long ago. */
  entries(): Promise<FoundEntries>
  /** Overwrites both halves. */
  clear(): Promise<void>
  /**
   * Adds an entry to the half that is written. One at a time.
   * @returns false when there is no room for it, in this half or on the disk
   * @throws Error of the file system; the entry is not in the file then, or is taken out before the next one comes
   */
  append(entry: Uint8Array): Promise<boolean>
  /** From now on the other half is written, over what it holds. */
  turn(): void
  /** Lets go of space that was kept for others in need: 1 MB. */
  giveSpace(): Promise<void>
  /** Keeps it again, if there is any. Never rejects. */
  takeSpace(): Promise<void>
  /** @param isWorkedOff true: the file is removed */
  close(isWorkedOff: boolean): Promise<void>
}

export interface FoundEntries {
  /** One behind the other from the begin of a half. */
  readonly inOrder: readonly Uint8Array[]
  /** Whole ones behind something that is none: a crash leaves only such as are older than what it cut short. */
  readonly behind: readonly Uint8Array[]
}

/** Some 300 predictions. */
const halfBytes = 512 * 1024
const spareBytes = 1024 * 1024

/** Four bytes that begin an entry, its length, its checksum; then the entry. */
const mark = 0x6a636261
const headBytes = 12

/** After the disk had no room it is asked again so much later, milliseconds. */
const askAgainMs = 1_000

/**
 * The file has its full size from the beginning, so that writing an entry changes nothing but its bytes: 0.1 ms to the disk, where a commit of DuckDB
 * takes 3 ms. An entry that was cut short by a crash was not acknowledged; the checksum tells. When the disk has no room for the file, nothing can be
 * appended until it has.
 */
export async function openJournal(path: string): Promise<Journal> {
  const file = await openFile(path)
  let half = 0
  let used = 0
  /** Where an entry may be that nobody was told of. */
  let uncertainAt: number | undefined
  const allocated = allocation(file, 2 * halfBytes)
  const spare = allocation(file, 2 * halfBytes + spareBytes)

  return { entries, clear, append, turn, giveSpace, takeSpace, close }

  async function entries(): Promise<FoundEntries> {
    const bytes = Buffer.alloc(2 * halfBytes)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    const halves = [bytes.subarray(0, Math.min(bytesRead, halfBytes)), bytes.subarray(halfBytes, Math.max(bytesRead, halfBytes))]
    const found = halves.map(entriesOf)
    return { inOrder: found.flatMap(({ inOrder }) => inOrder), behind: found.flatMap(({ behind }) => behind) }
  }

  async function clear(): Promise<void> {
    const { size } = await file.stat()
    await write(file, Buffer.alloc(Math.min(size, 2 * halfBytes)), 0)
  }

  async function append(entry: Uint8Array): Promise<boolean> {
    const bytes = headBytes + entry.length
    if (used + bytes > halfBytes || !(await allocated.take())) return false
    if (uncertainAt !== undefined) await erase(uncertainAt)
    const whole = Buffer.allocUnsafe(bytes)
    whole.writeUInt32LE(mark, 0)
    whole.writeUInt32LE(entry.length, 4)
    whole.writeUInt32LE(crc32(entry), 8)
    whole.set(entry, headBytes)
    const position = half * halfBytes + used
    try {
      await write(file, whole, position)
    } catch (cause) {
      uncertainAt = position
      await erase(position).catch(() => undefined)
      throw cause
    }
    used += bytes
    return true
  }

  async function erase(position: number): Promise<void> {
    await write(file, Buffer.alloc(headBytes), position)
    uncertainAt = undefined
  }

  function turn(): void {
    half = 1 - half
    used = 0
  }

  async function giveSpace(): Promise<void> {
    spare.lost()
    await file.truncate(2 * halfBytes)
  }

  async function takeSpace(): Promise<void> {
    await spare.take()
  }

  async function close(isWorkedOff: boolean): Promise<void> {
    await file.close()
    if (isWorkedOff) await rm(path, { force: true })
  }
}

interface Allocation {
  /** @returns whether the file has its size; asks the disk for it now and then */
  take(): Promise<boolean>
  lost(): void
}

/** Fills a file up to a size with zeros; what does not fit as a whole is given back. */
function allocation(file: FileHandle, size: number): Allocation {
  let isThere = false
  let askedAtMs = -Infinity

  return { take, lost }

  async function take(): Promise<boolean> {
    if (isThere || performance.now() < askedAtMs + askAgainMs) return isThere
    askedAtMs = performance.now()
    const before = await sizeOf()
    if (before === undefined) return false
    try {
      if (before < size) await write(file, Buffer.alloc(size - before), before)
      isThere = true
    } catch {
      await file.truncate(before).catch(() => undefined)
    }
    return isThere
  }

  function lost(): void {
    // What was there can be taken again as soon as it is free.
    if (isThere) askedAtMs = -Infinity
    isThere = false
  }

  function sizeOf(): Promise<number | undefined> {
    return file.stat().then(
      (stat) => stat.size,
      () => undefined,
    )
  }
}

/** Where the system has no `O_DSYNC`, or one that leaves the bytes in the drive (macOS), each write is followed by a call. */
const throughFlag = process.platform === 'darwin' ? 0 : ((constants as { readonly O_DSYNC?: number }).O_DSYNC ?? 0)

async function openFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | throughFlag)
  try {
    await writeThrough(dirname(path))
  } catch (cause) {
    await file.close()
    throw cause
  }
  return file
}

async function write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  const { bytesWritten } = await file.write(bytes, 0, bytes.length, position)
  // A disk that is full takes the first part; the error comes with the next.
  if (bytesWritten < bytes.length) return write(file, bytes.subarray(bytesWritten), position + bytesWritten)
  if (throughFlag === 0) await file.datasync()
}

function entriesOf(half: Buffer): FoundEntries {
  const inOrder: Uint8Array[] = []
  const behind: Uint8Array[] = []
  let at = 0
  for (let entry = entryAt(half, at); entry !== undefined; entry = entryAt(half, at)) {
    inOrder.push(entry)
    at += headBytes + entry.length
  }
  const sign = Buffer.alloc(4)
  sign.writeUInt32LE(mark)
  for (at = half.indexOf(sign, at); at !== -1; at = half.indexOf(sign, at + 1)) {
    const entry = entryAt(half, at)
    if (entry !== undefined) behind.push(entry)
  }
  return { inOrder, behind }
}

function entryAt(half: Buffer, at: number): Uint8Array | undefined {
  if (at + headBytes > half.length || half.readUInt32LE(at) !== mark) return undefined
  const end = at + headBytes + half.readUInt32LE(at + 4)
  if (end > half.length) return undefined
  const entry = half.subarray(at + headBytes, end)
  return crc32(entry) === half.readUInt32LE(at + 8) ? entry : undefined
}
