import type { Breather } from './breather.js'

/** UTF-16 units between two looks at the clock: some tenths of a millisecond. */
const STEP = 1 << 16

/** The text's bytes in UTF-8, as `TextEncoder.encode` gives them. (24 MB at once stop the event loop for 16 to 64 ms.) */
export async function encodeText(text: string, pause: Breather): Promise<Uint8Array> {
  const encoder = new TextEncoder()
  // As many bytes as units, if all are ASCII.
  let bytes = new Uint8Array(text.length)
  let length = 0
  for (let at = 0; at < text.length;) {
    const end = at + STEP < text.length && isFirstOfTwo(text, at + STEP - 1) ? at + STEP - 1 : at + STEP
    const { read, written } = encoder.encodeInto(text.slice(at, end), bytes.subarray(length))
    at += read
    length += written
    if (at < Math.min(end, text.length)) {
      const longer = new Uint8Array(length + 3 * (text.length - at))
      longer.set(bytes.subarray(0, length))
      bytes = longer
    }
    if (pause.due()) await pause.breathe()
  }
  return bytes.subarray(0, length)
}

/** Half a character would become U+FFFD. */
function isFirstOfTwo(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800
}
