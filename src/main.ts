#!/usr/bin/env node
import { limitYoungHeap } from './heap-limits.js'
import { readVersion } from './version.js'

/** Exit codes: done, bad arguments or input, unexpected. */
const DONE = 0
const BAD_INPUT = 2
const UNEXPECTED = 3

const closeWithinMs = 30_000

await main(process.argv.slice(2))

/** The parts are imported after the heap has its limits, and only by what needs them. */
async function main(args: readonly string[]): Promise<void> {
  limitYoungHeap()
  const [argument] = args
  if (argument === undefined) return start()
  if (args.length === 1 && (argument === '--help' || argument === '-h')) return say(await help())
  if (args.length === 1 && (argument === '--version' || argument === '-v')) return say(readVersion())
  fail(BAD_INPUT, `${JSON.stringify(args.join(' '))} is not understood. Without arguments barcast serves; --help lists its settings.`)
}

async function start(): Promise<void> {
  const [{ CannotStart, serve }, { ConfigError, loadConfig }, { default: closeWithGrace }] = await Promise.all([
    import('./serve.js'),
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

async function help(): Promise<string> {
  const { settingsTable } = await import('./config.js')
  return `barcast ${readVersion()}: OHLCV candles in, provable LightGBM predictions out.

Usage: barcast            serves until SIGTERM or SIGINT
       barcast --help     prints this
       barcast --version  prints the version

Settings, from the environment (name, default, meaning):
${settingsTable()}

Exit codes: ${DONE} done, ${BAD_INPUT} bad arguments or input, ${UNEXPECTED} unexpected.`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function fail(exitCode: number, message: string): never {
  process.stderr.write(`barcast: ${message}\n`)
  process.exit(exitCode)
}
