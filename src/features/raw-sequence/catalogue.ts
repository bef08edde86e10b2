import type { Frame } from '../../candles/frame.js'
import { timeframes } from '../../candles/timeframe.js'
import { nearestName } from '../../nearest-name.js'
import { FeatureMismatch, type Catalogue, type Plan, type Window } from '../catalogue.js'
import { normalisations } from './normalise.js'

export const channels = ['open', 'high', 'low', 'close', 'volume'] as const
export type Channel = (typeof channels)[number]

/**
 * Candles themselves as a model's input: `returns.close@3` is the close three bars back, normalised by the window's first bar. The window is
 * `base_bars + buffer_bars` long, all of it is normalised together, and everything is float32, as FoxML trains its sequence models.
 */
export function rawSequence(): Catalogue {
  const names = Object.keys(normalisations).flatMap((kind) => channels.map((channel) => `${kind}.${channel}`))
  return {
    name: 'raw-sequence',
    version: 1,
    timeframes,
    names,
    unreproducible: new Map(),
    compile(wanted, window) {
      const places = wanted.map(readName)
      const unknown = wanted.filter((_, k) => places[k] === undefined)
      if (unknown.length > 0) {
        throw new FeatureMismatch(
          'raw-sequence',
          unknown.map((name) => ({ name, nearest: nearestName(name.replace(/@\d+$/, ''), names) })),
        )
      }
      return createPlan(wanted, places as Place[], window)
    },
    barsPerTimeframe: () => ({}),
  }
}

interface Place {
  readonly kind: keyof typeof normalisations
  readonly channel: Channel
  readonly back: number
}

function readName(name: string): Place | undefined {
  const [, kind, channel, back = '0'] = /^(\w+)\.(\w+?)(?:@(\d{1,5}))?$/.exec(name) ?? []
  if (!Object.hasOwn(normalisations, kind ?? '') || !channels.includes(channel as Channel)) return undefined
  return { kind: kind as Place['kind'], channel: channel as Channel, back: Number(back) }
}

function createPlan(names: readonly string[], places: readonly Place[], { baseBars, bufferBars }: Window): Plan {
  const windowBars = baseBars + bufferBars
  const furthest = places.reduce((most, { back }) => Math.max(most, back), 0)
  if (furthest >= windowBars) throw new RangeError(`the sequence reaches ${furthest} bars back, the window has ${windowBars} bars`)
  const needed = [...new Set(places.map(({ kind, channel }) => `${kind}.${channel}`))].map((key) => {
    const [kind, channel] = key.split('.') as [Place['kind'], Channel]
    const targets = places.flatMap((place, target) =>
      place.kind === kind && place.channel === channel ? [{ target, back: place.back }] : [],
    )
    return { normalise: normalisations[kind], channel, targets, values: new Float32Array(windowBars) }
  })
  return {
    names: [...names],
    windowBars,
    compute(frame: Frame, lastBar, out, offset = 0) {
      const first = lastBar - windowBars + 1
      if (!(first >= 0 && lastBar < frame.nBars)) {
        throw new RangeError(`bar ${lastBar} of ${frame.nBars} does not end a window of ${windowBars} bars`)
      }
      for (const { normalise, channel, targets, values } of needed) {
        const column = frame[channel]
        const reference = channel === 'volume' ? frame.volume : frame.close
        for (let i = 0; i < windowBars; i++) values[i] = column[first + i]!
        normalise(values, Math.fround(reference[first]!))
        for (const { target, back } of targets) out[offset + target] = values[windowBars - 1 - back]!
      }
    },
  }
}
