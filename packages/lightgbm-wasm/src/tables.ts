import { decodeBase64 } from './decode-base64.js'
import { exponentials } from './generated/wasm.js'
import { powersOfFive } from './powers-of-five.js'

/** What assembly/tables.ts wants at its address. */
export function makeTables(): Uint8Array {
  const powers = new Uint8Array(powersOfFive().buffer)
  const others = decodeBase64(exponentials)
  const tables = new Uint8Array(powers.length + others.length)
  tables.set(powers)
  tables.set(others, powers.length)
  return tables
}
