import type { Frame } from '../../candles/frame.js'
import { createProgress } from '../progress.js'
import { sendCandles } from '../send-candles.js'
import type { Work } from './work.js'

/** Stores the bars of the user's file, and says on stderr what that did. */
export async function sendUserCandles({ client, context, target }: Work, frame: Frame): Promise<void> {
  const progress = createProgress(context)
  const onBars = (done: number) => progress.show(done, frame.nBars, 'candles')
  const { added, known, revised } = await sendCandles({ client, series: target.series, frame, signal: context.signal, onBars })
  progress.clear()
  const changed = revised === 0 ? '' : `, ${revised} came with other values than are stored and became revisions`
  context.stderr.write(`candles: ${added} new, ${known} known${changed}\n`)
}
