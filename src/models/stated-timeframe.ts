import { z } from 'zod'
import { parseTimeframe, timeframes } from '../candles/timeframe.js'

/** Length of one bar, as manifests state it. */
export const statedTimeframe = z.string().transform((text, context) => {
  const timeframe = parseTimeframe(text)
  if (timeframe !== undefined) return timeframe
  context.addIssue({ code: 'custom', message: `no such timeframe; known are ${timeframes.join(', ')}` })
  return z.NEVER
})
