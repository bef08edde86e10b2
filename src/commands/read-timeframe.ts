import { parseTimeframe, type Timeframe, timeframes } from '../candles/timeframe.js'
import { InputError } from './input-error.js'

/**
 * Value of `--timeframe`.
 * @throws InputError for what is none
 */
export function readTimeframe(text: string): Timeframe {
  const timeframe = parseTimeframe(text)
  if (timeframe === undefined)
    throw new InputError(`--timeframe ${JSON.stringify(text)} is none: one of ${timeframes.join(', ')} is expected`)
  return timeframe
}
