import { DONE, UNEXPECTED } from '../exit-codes.js'
import { rehearsalClock, systemClock } from '../following/clock.js'
import { createFollowing, type FollowingState } from '../following/follow.js'
import type { FollowEvent } from '../following/follow-series.js'
import { createOpenSource } from '../following/open-source.js'
import { BadFollowFile, readFollowFile } from '../following/read-follow-file.js'
import type { FollowFile } from '../following/schema.js'
import { defineCommand, type Output } from './command.js'
import { createClientSink } from './follow-sink.js'
import { InputError } from './input-error.js'

/** Looks of --once before what is not there yet is given up: with the waits of the file about half a minute. */
const looksOnce = 6

export const follow = defineCommand({
  name: 'follow',
  summary: 'Fetches new candles as they close, and predicts',
  usage: '[FILE] [--once]',
  about: `FILE says which series to follow and where their candles come from (docs/following.md); default: BARCAST_FOLLOW. Goes on until Ctrl-C. Prints a line
per look that brought something; what fails is told on stderr and tried again. A server with BARCAST_FOLLOW does the same by itself.`,
  optionalOperands: ['FILE'],
  options: {
    once: { type: 'boolean', about: 'until every bar that has closed is there and predicted, then end; 3 when that does not come about' },
  },
  async run({ args, values, connect, config, stdout, stderr, signal }) {
    const path = args[0] ?? config.follow
    if (path === '') throw new InputError('FILE is missing, and BARCAST_FOLLOW names none')
    const file = read(path, config.secrets)
    const client = await connect({ creates: true, models: true })
    const following = createFollowing({
      file,
      openSource: createOpenSource(config.secrets, config.database),
      sink: createClientSink(client, signal),
      clock: file.rehearsal === undefined ? systemClock() : rehearsalClock(file.rehearsal.from, file.rehearsal.speed),
      tell: createReport(stdout, stderr),
    })
    if (values.once === true) return report(await following.once(looksOnce, signal), stderr)
    following.start()
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await following.close()
    return DONE
  },
})

function read(path: string, secrets: Readonly<Record<string, string>>): FollowFile {
  try {
    return readFollowFile(path, secrets)
  } catch (error) {
    if (error instanceof BadFollowFile) throw new InputError(error.message, { cause: error })
    throw error
  }
}

/** What came goes to stdout, what failed to stderr; a model that cannot be used is named once. */
function createReport(stdout: Output, stderr: Output): (event: FollowEvent) => void {
  const named = new Set<string>()
  return (event) => {
    const series = `${event.series.symbol} ${event.series.timeframe}`
    switch (event.kind) {
      case 'kept':
        return
      case 'looked': {
        const { added, revised, predicted, skipped, unusable, expectedMs } = event.round
        for (const { name, detail } of unusable) {
          if (!named.has(name)) stderr.write(`${series}: model ${name} does not follow: ${detail}\n`)
          named.add(name)
        }
        if (added + revised + predicted + skipped === 0) return
        const further = `${revised > 0 ? `, ${revised} revised` : ''}${skipped > 0 ? `, ${skipped} without a whole window` : ''}`
        stdout.write(`${series}: up to ${new Date(expectedMs).toISOString()}: ${added} bars added${further}, ${predicted} predictions\n`)
        return
      }
      case 'failed':
        stderr.write(`${series}: ${event.failure.message} [${event.failure.reason}], again in ${(event.waitMs / 1_000).toFixed(1)} s\n`)
        if (event.failure.reason === 'internal') stderr.write(`${String((event.failure.cause as Error | undefined)?.stack)}\n`)
    }
  }
}

function report(incomplete: readonly FollowingState[], stderr: Output): number {
  for (const { series, expectedMs, missingBars } of incomplete) {
    const missing = missingBars === null ? 'nothing was fetched' : `${missingBars} bars are missing`
    stderr.write(`${series.symbol} ${series.timeframe}: not complete up to ${new Date(expectedMs).toISOString()}: ${missing}\n`)
  }
  return incomplete.length === 0 ? DONE : UNEXPECTED
}
