import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A server process under measurement. */
export interface Server {
  readonly pid: number
  readonly port: number
  readonly url: string
  /** Milliseconds from the start of the process to its first ready answer, asked every 5 ms; NaN when it has no readiness. */
  readonly readyMs: number
  /** CPU seconds so far: of all threads and child processes, and of the thread that runs JavaScript. */
  cpuSeconds(): { all: number; main: number }
  /** Resident memory now, and the most it ever was, MB, with child processes; memory that they share counts for each. */
  residentMb(): { now: number; most: number }
  stop(): Promise<void>
}

/** Starts a program that writes "listening on http://…" and waits until /readyz says ready, if it is asked to. */
export async function startServer(
  args: readonly string[],
  env: Record<string, string>,
  hasReadiness: boolean,
  { program = process.execPath, port }: { readonly program?: string; /** When the program writes no line. */ readonly port?: number } = {},
): Promise<Server> {
  const started = performance.now()
  const child = spawn(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  const pid = child.pid!
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
    let text = ''
    child.stdout.on('data', (data: Buffer) => {
      if (text === 'found') return
      text += data.toString()
      const found = /listening on (http:\/\/[\w.:]+)/.exec(text)?.[1]
      if (found === undefined) return
      text = 'found'
      resolve(found)
    })
    void ended.then(() => reject(new Error(`the server ended: ${text}`)))
  })
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  if (hasReadiness) while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 5))
  const readyMs = hasReadiness ? performance.now() - started : NaN
  return {
    pid,
    port: Number(new URL(url).port),
    url,
    readyMs,
    cpuSeconds: () => ({ all: sum(family(pid), (each) => cpuOf(`/proc/${each}/stat`)), main: cpuOf(`/proc/${pid}/task/${pid}/stat`) }),
    residentMb: () => {
      const mb = (name: string) =>
        sum(
          family(pid),
          (each) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${each}/status`, 'utf8'))?.[1]) / 1024,
        )
      return { now: mb('VmRSS'), most: mb('VmHWM') }
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** A process and those that it started itself, such as the one that runs ONNX models. */
function family(pid: number): number[] {
  return [pid, ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)]
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((all, pid) => all + of(pid), 0)
}

/** User and system time, seconds; the kernel counts in hundredths. */
function cpuOf(path: string): number {
  const fields = readFileSync(path, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
