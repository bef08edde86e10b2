import type { BaseLogger } from 'pino'
import { createFollowing, type Following } from './follow.js'
import type { FollowEvent } from './follow-series.js'
import { createFollowMetrics, type MetricRegisters } from './metrics.js'
import { createOpenSource } from './open-source.js'
import { readFollowFile } from './read-follow-file.js'
import { rehearsalClock, systemClock } from './clock.js'
import { createSinkHere, type SinkParts } from './sink-here.js'

export interface FollowSettings {
  /** The follow file. */
  readonly follow: string
  readonly database: string
  readonly secrets: Readonly<Record<string, string>>
}

type Log = Pick<BaseLogger, 'info' | 'warn'>

/**
 * What the service follows, ready to begin.
 * @throws BadFollowFile
 */
export function openFollowing(
  settings: FollowSettings,
  parts: SinkParts & { registers: MetricRegisters; logger?: Log | undefined },
): Following {
  const file = readFollowFile(settings.follow, settings.secrets)
  const { rehearsal } = file
  const metrics = createFollowMetrics(parts.registers, () => following.states())
  const log = parts.logger === undefined ? undefined : logEvents(parts.logger)
  const following = createFollowing({
    file,
    openSource: createOpenSource(settings.secrets, settings.database),
    sink: createSinkHere(parts),
    clock: rehearsal === undefined ? systemClock() : rehearsalClock(rehearsal.from, rehearsal.speed, parts.registry.loaded),
    tell(event) {
      metrics(event)
      log?.(event)
    },
  })
  return following
}

/** A line when something came or failed; unusable models are named once. */
function logEvents(logger: Log): (event: FollowEvent) => void {
  const named = new Set<string>()
  return (event) => {
    const series = `${event.series.symbol} ${event.series.timeframe}`
    switch (event.kind) {
      case 'kept':
        return
      case 'looked': {
        const { added, revised, predicted, skipped, unusable } = event.round
        if (added + revised + predicted > 0) logger.info({ series, added, revised, predicted, skipped }, 'followed')
        for (const { name, detail } of unusable) {
          if (!named.has(`${series} ${name}`)) logger.warn({ series, model: name }, `model does not follow: ${detail}`)
          named.add(`${series} ${name}`)
        }
        return
      }
      case 'failed': {
        const { failure, waitMs } = event
        const wait_seconds = Math.round(waitMs) / 1_000
        const err = failure.reason === 'internal' ? { err: failure.cause } : {}
        logger.warn({ series, reason: failure.reason, wait_seconds, ...err }, `not followed: ${failure.message}`)
      }
    }
  }
}
