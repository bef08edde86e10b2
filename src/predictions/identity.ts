import { hash } from 'node:crypto'
import { endianness } from 'node:os'
import type { Frame } from '../candles/frame.js'

/** Everything that makes two predictions the same one. */
export interface Identity {
  readonly symbol: string
  readonly timeframe: string
  readonly barTimeMs: number
  readonly model: string
  readonly modelSha256: string
  readonly catalogue: string
  readonly catalogueVersion: number
  readonly baseBars: number
  readonly bufferBars: number
  readonly inputHash: string
}

/** The first 26 characters (130 bits) of the SHA-256 over the identity's lines in UTF-8, in Crockford's base32. */
export function predictionId(identity: Identity): string {
  const { symbol, timeframe, barTimeMs, model, modelSha256, catalogue, catalogueVersion, baseBars, bufferBars, inputHash } = identity
  const series = `${symbol}\n${timeframe}\n${barTimeMs}\n`
  const features = `${catalogue}\n${catalogueVersion}\n${baseBars}\n${bufferBars}\n`
  return crockford(hash('sha256', `barcast prediction 1\n${series}${model}\n${modelSha256}\n${features}${inputHash}\n`, 'buffer'), 26)
}

const bytesPerBar = 48

/**
 * The bytes that input hashes are made of: per bar its open time as int64, then open, high, low, close and volume as float64,
 * little-endian, −0 as +0.
 */
export function layOutBars(frame: Frame, firstBar: number, nBars: number): Uint8Array {
  const { openTimeMs, open, high, low, close, volume } = frame
  const bytes = new DataView(new ArrayBuffer(nBars * bytesPerBar))
  let at = 0
  for (let bar = firstBar; bar < firstBar + nBars; bar++, at += bytesPerBar) {
    const ms = openTimeMs[bar] as number
    bytes.setUint32(at, ms % 2 ** 32, true)
    bytes.setInt32(at + 4, Math.floor(ms / 2 ** 32), true)
    // Adding 0 makes +0 of −0 and changes nothing else.
    bytes.setFloat64(at + 8, (open[bar] as number) + 0, true)
    bytes.setFloat64(at + 16, (high[bar] as number) + 0, true)
    bytes.setFloat64(at + 24, (low[bar] as number) + 0, true)
    bytes.setFloat64(at + 32, (close[bar] as number) + 0, true)
    bytes.setFloat64(at + 40, (volume[bar] as number) + 0, true)
  }
  return new Uint8Array(bytes.buffer)
}

/** SHA-256, hex, over `nBars` of the bars that `layOutBars` laid out, from the `firstBar`th on, oldest first. */
export function hashBars(bytes: Uint8Array, firstBar: number, nBars: number): string {
  return hash('sha256', bytes.subarray(firstBar * bytesPerBar, (firstBar + nBars) * bytesPerBar), 'hex')
}

/** The input hash: SHA-256, hex, over the `windowBars` bars that end at `lastBar`, as `layOutBars` lays them out. */
export function hashInput(frame: Frame, windowBars: number, lastBar = frame.nBars - 1): string {
  return hashBars(layOutBars(frame, lastBar - windowBars + 1, windowBars), 0, windowBars)
}

/** SHA-256, hex, over a feature row as little-endian float64, every NaN as the bits 7ff8000000000000. */
export function hashFeatures(row: Float64Array): string {
  return hash('sha256', isLittleEndian ? withOneNan(row) : spellOut(row), 'hex')
}

const isLittleEndian = endianness() === 'LE'

/** The row's own bytes, or those of a copy when one of its NaN has other bits. Loops, because forEach and some make an object of every number. */
function withOneNan(row: Float64Array): Uint8Array {
  const words = new Uint32Array(row.buffer, row.byteOffset, 2 * row.length)
  for (let k = 0; k < row.length; k++) {
    if (row[k] !== row[k] && (words[2 * k] !== 0 || words[2 * k + 1] !== NAN_HIGH)) return spellOut(row)
  }
  return new Uint8Array(row.buffer, row.byteOffset, row.byteLength)
}

/** The upper half of 7ff8000000000000. */
const NAN_HIGH = 0x7ff80000

function spellOut(row: Float64Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(row.length * 8))
  for (let k = 0; k < row.length; k++) {
    const value = row[k] as number
    if (Number.isNaN(value)) bytes.setUint32(k * 8 + 4, NAN_HIGH, true)
    else bytes.setFloat64(k * 8, value, true)
  }
  return new Uint8Array(bytes.buffer)
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The first `length` digits of five bits each, the first bit of the first byte first. */
function crockford(bytes: Uint8Array, length: number): string {
  let text = ''
  for (let bit = 0; text.length < length; bit += 5) {
    const pair = ((bytes[bit >> 3] as number) << 8) | (bytes[(bit >> 3) + 1] ?? 0)
    text += alphabet.charAt((pair >> (11 - (bit & 7))) & 31)
  }
  return text
}
