import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { untilReady } from './support/server-process.js'
import { program } from './support/program.js'
import { temporaryFolder } from './support/temporary-folder.js'

const root = resolve(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/tutorial.md'), 'utf8')
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, kind, text]) => ({ kind: kind!, text: text!.trimEnd() }))

t.test('the tutorial: every command runs and prints what the page says', async (t) => {
  const shell = await openShell(t)
  const outputs: string[] = []
  for (const [nth, { kind, text }] of blocks.entries()) {
    if (kind === 'sh') {
      let output = ''
      for (const line of text.split('\n')) output += await shell.run(line)
      outputs.push(output)
      continue
    }
    const before = blocks[nth - 1]!.text
    if (before.includes('barcast follow')) await shell.until('up to 2025-09-29T22:00:00.000Z')
    prints(t, before.endsWith('&') ? shell.background() : outputs.at(-1)!, text, before)
  }

  const rowsOf = (word: string) =>
    outputs
      .find((_, nth) => commandsOf(nth).includes(word))!
      .trim()
      .split('\n')
  const origins = rowsOf('origin=backfill').filter((row) => !row.startsWith('id,'))
  const count = (origin: string) => origins.filter((row) => row.includes(`,${origin},`)).length
  t.equal(count('backfill'), 2_133)
  t.equal(count('catch-up') + count('late'), 50)
  t.ok(count('catch-up') >= 5, 'an outage of six bars was caught up')
  t.ok(count('late') >= 1)
  const series = JSON.parse(rowsOf('/predictions/series').join('')) as { rows: { prediction: unknown }[] }
  t.equal(series.rows.length, 50)
  t.notOk(
    series.rows.some(({ prediction }) => prediction === null),
    'none without a prediction',
  )
  const { revisions } = JSON.parse(rowsOf('/candles/revisions').join('')) as {
    revisions: { old: { volume: number }; new: { volume: number }; predictions: { count: number } }[]
  }
  t.equal(revisions.length, 1)
  t.equal(revisions[0]!.new.volume - revisions[0]!.old.volume > 0.99, true)
  t.ok(revisions[0]!.predictions.count >= 6, 'those that had used the old values')
})

function commandsOf(nth: number): string {
  return blocks.filter(({ kind }) => kind === 'sh')[nth]!.text
}

/** Every line of the page stands in the output, in this order; `…` stands for anything. */
function prints(t: Test, output: string, shown: string, command: string): void {
  let rest = output
  for (const line of shown.split('\n').filter((line) => line !== '…')) {
    const pattern = new RegExp(line.split('…').map(escape).join('.*?'))
    const found = pattern.exec(rest)
    t.ok(found, `${command.split('\n').at(-1)!.slice(0, 60)} prints: ${line.slice(0, 80)}`, { output: rest.slice(-2_000) })
    rest = rest.slice((found?.index ?? 0) + (found?.[0].length ?? 0))
  }
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

interface Shell {
  /** Runs a line; resolves to what it printed, at once for one that ends with &. */
  readonly run: (line: string) => Promise<string>
  /** What the commands in the background have printed. */
  readonly background: () => string
  readonly until: (text: string) => Promise<void>
}

/** As much of a shell as the page needs, with a database and ports of its own. */
async function openShell(t: Test): Promise<Shell> {
  const folder = temporaryFolder(t)
  const port = await freePort()
  const env = {
    PATH: process.env.PATH,
    BARCAST_PORT: String(port),
    BARCAST_DATABASE: join(folder, 'tutorial.duckdb'),
    BARCAST_LOG_LEVEL: 'warn',
  }
  const jobs: ChildProcess[] = []
  let background = ''
  t.teardown(async () => {
    for (const job of jobs.toReversed()) await end(job)
  })
  return { run, background: () => background, until }

  async function run(line: string): Promise<string> {
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) =>
      (quoted ?? plain!).replace('follow.json', join(folder, 'follow.json')),
    )
    const inBackground = words.at(-1) === '&'
    const [command, ...args] = inBackground ? words.slice(0, -1) : words
    switch (command) {
      case 'export':
        t.equal(args[0], 'BARCAST_DATABASE=tutorial.duckdb')
        return ''
      case 'barcast':
        return start([...program, ...args], inBackground)
      case 'npm':
        await start([...program], inBackground)
        await untilListening()
        return ''
      case 'node':
        await start([...args, '--port', '0'], inBackground)
        await until('market open')
        return ''
      case 'curl':
        return curl(args)
      case 'kill':
        for (const name of args) await end(jobs[Number(name.slice(1)) - 1]!)
        return ''
      case undefined:
      default:
        throw new Error(`the page has a command that this test does not know: ${line}`)
    }
  }

  async function start(args: readonly string[], inBackground: boolean): Promise<string> {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    jobs.push(child)
    if (inBackground) {
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (background += text.replace(/:\d+$/m, ':9797')))
      return ''
    }
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    const [code] = (await once(child, 'close')) as [number]
    jobs.pop()
    t.equal(code, 0, `${args.slice(3, 6).join(' ')}: ${errors}`)
    return output
  }

  async function curl(args: readonly string[]): Promise<string> {
    const header = args.includes('-H') ? args[args.indexOf('-H') + 1]!.split(': ') : undefined
    const url = args.at(-1)!.replace('http://127.0.0.1:8080', `http://127.0.0.1:${port}`)
    const response = await fetch(url, header === undefined ? {} : { headers: { [header[0]!]: header[1]! } })
    t.equal(response.status, 200, url)
    return `${await response.text()}\n`
  }

  async function untilListening(): Promise<void> {
    const url = `http://127.0.0.1:${port}`
    for (let tries = 0; tries < 600; tries++) {
      if (
        await fetch(`${url}/livez`).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        return untilReady(url)
      await pause(100)
    }
    throw new Error(`no server: ${background}`)
  }

  async function until(text: string): Promise<void> {
    for (let tries = 0; tries < 900; tries++) {
      if (background.includes(text)) return
      await pause(100)
    }
    throw new Error(`${text} did not come: ${background}`)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'close')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
