#!/usr/bin/env node
import { constants } from 'node:os'
import { BAD_INPUT, UNEXPECTED } from './exit-codes.js'
import { limitDatabaseAllocator, limitYoungHeap } from './memory-limits.js'
import { readVersion } from './version.js'

const closeWithinMs = 30_000

await main(process.argv.slice(2))

/** The parts are imported after the memory has its limits, and only by what needs them. */
async function main(words: readonly string[]): Promise<void> {
  limitYoungHeap()
  // Whoever read the output went away (`barcast … | head`): the work goes on, silently.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe)
  const [first = '', second] = words
  if (words.length === 1 && ['help', '--help', '-h'].includes(first)) return say(await (await import('./commands/help.js')).help())
  if (words.length === 1 && ['--version', '-v'].includes(first)) return say(readVersion())
  limitDatabaseAllocator((await import('./config.js')).environment)
  if (words.length === 0) return start()
  if (first === 'help' && second !== undefined) return command([...words.slice(1), '--help'])
  return command(words)
}

async function start(): Promise<void> {
  const [{ serve }, { CannotStart }, { ConfigError, loadConfig }, { default: closeWithGrace }] = await Promise.all([
    import('./serve.js'),
    import('./cannot-start.js'),
    import('./config.js'),
    import('close-with-grace'),
  ])
  try {
    const { logger, close } = await serve(loadConfig(), readVersion())
    closeWithGrace(
      { delay: closeWithinMs, logger, onTimeout: () => fail(UNEXPECTED, `not closed within ${closeWithinMs} ms`) },
      async ({ signal, err }) => {
        if (err !== undefined) logger.fatal({ err }, 'unexpected error, closing')
        else logger.info({ signal }, 'closing')
        await close()
        logger.info('closed')
        if (err !== undefined) process.exit(UNEXPECTED)
      },
    )
  } catch (error) {
    if (error instanceof ConfigError || error instanceof CannotStart) fail(BAD_INPUT, error.message)
    fail(UNEXPECTED, (error as Error).stack ?? String(error))
  }
}

/** Ctrl-C and SIGTERM let the command put things away, then end the process as they would have; a second time at once. */
async function command(words: readonly string[]): Promise<void> {
  const { runCommand } = await import('./commands/run.js')
  const stopping = new AbortController()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  let caught: NodeJS.Signals | undefined
  const stop = (signal: NodeJS.Signals) => {
    for (const name of signals) process.removeListener(name, stop)
    caught = signal
    stopping.abort()
  }
  for (const name of signals) process.once(name, stop)
  const { stdout, stderr } = process
  try {
    const exitCode = await runCommand(words, { stdout, stderr, isTerminal: stderr.isTTY, signal: stopping.signal })
    stdout.write('', () => process.exit(exitCode))
  } catch (error) {
    if (caught === undefined) fail(UNEXPECTED, (error as Error).stack ?? String(error))
    stderr.write('barcast: interrupted\n')
    // What shells show for a signal, should somebody else listen to it.
    process.exitCode = 128 + constants.signals[caught]
    process.kill(process.pid, caught)
  }
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function fail(exitCode: number, message: string): never {
  process.stderr.write(`barcast: ${message}\n`)
  process.exit(exitCode)
}
