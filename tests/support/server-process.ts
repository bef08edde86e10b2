import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { program } from './program.js'

export interface ServerProcess {
  readonly child: ChildProcess
  /** Where it listens; rejects when it ends before. */
  readonly url: Promise<string>
  /** How it ended, and what it wrote. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs the program as `npm start` does, on a free port. */
export function startProcess(
  env: Record<string, string> = {},
  args: readonly string[] = [],
  ran: readonly string[] = program,
): ServerProcess {
  const child = spawn(process.execPath, [...ran, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, BARCAST_PORT: '0', BARCAST_DATABASE: ':memory:', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const ended = new Promise<Awaited<ServerProcess['ended']>>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString()
      const listening = /listening on (http:\/\/[\w.:[\]]+)/.exec(stdout)
      if (listening !== null) resolve(listening[1]!)
    })
    void ended.then(({ code, signal }) => reject(new Error(`ended with ${code ?? signal}: ${stderr}`)))
  })
  url.catch(() => undefined)
  return { child, url, ended }
}

/** Waits until /readyz says ready. */
export async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const { ok } = await fetch(`${url}/readyz`)
    if (ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('not ready within 20 s')
}
