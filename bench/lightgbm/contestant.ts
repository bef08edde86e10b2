import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A scorer in a process of its own, asked one thing at a time. */
export interface Contestant {
  readonly name: string
  /** Sends one command line and resolves with the bytes of its answer; rejects with the text of an `error` answer. */
  ask(line: string): Promise<Buffer>
  /** The answer as float64. */
  numbers(line: string): Promise<Float64Array>
  close(): Promise<void>
}

/** Starts `command`, which answers every line on its standard input with `ok N` and N bytes, or with `error TEXT`. */
export function openContestant(name: string, command: readonly string[]): Contestant {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  let ended = false
  let wake = () => {}
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    wake()
  })
  // A process that died is reported by the next question, not by the pipe.
  child.stdin.on('error', () => {})
  child.on('close', () => {
    ended = true
    wake()
  })

  async function more(): Promise<void> {
    if (ended) throw new Error(`${name}: the process ended (${child.exitCode ?? child.signalCode})`)
    await new Promise<void>((resolve) => (wake = resolve))
  }

  async function headerLine(): Promise<string> {
    for (;;) {
      const pending = Buffer.concat(chunks.splice(0))
      const end = pending.indexOf(10)
      if (pending.length > 0) chunks.push(end < 0 ? pending : pending.subarray(end + 1))
      if (end >= 0) return pending.toString('utf8', 0, end)
      await more()
    }
  }

  async function body(length: number): Promise<Buffer> {
    let held = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    while (held < length) {
      await more()
      held = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    }
    const all = Buffer.concat(chunks.splice(0))
    if (all.length > length) chunks.push(all.subarray(length))
    return all.subarray(0, length)
  }

  async function ask(line: string): Promise<Buffer> {
    child.stdin.write(`${line}\n`)
    const header = await headerLine()
    if (!header.startsWith('ok ')) throw new Error(`${name}: ${line}: ${header}`)
    return body(Number(header.slice(3)))
  }

  return {
    name,
    ask,
    numbers: async (line) => {
      const bytes = await ask(line)
      return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    },
    close: async () => {
      if (ended) return
      child.stdin.end('quit\n')
      await once(child, 'close')
    },
  }
}
