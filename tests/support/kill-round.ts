import { once } from 'node:events'
import type { Prediction } from '../../src/predictions/schema.js'
import { type Columns, mapColumns } from './btcusdt.js'
import { startProcess, untilReady } from './server-process.js'

export interface KillRound {
  /** Ids that were answered before the kill. */
  readonly answered: number
  /** Requests that got no answer. */
  readonly cut: number
  /** Answered, but not there after the restart: must be empty. */
  readonly lost: string[]
  /** Stored after the restart, answered or not. */
  readonly stored: number
}

/**
 * One round: a server on a database file, `nRequests` predictions at once with a frame each, SIGKILL after `killAfterAnswers` answers,
 * restart, every answered id is looked up.
 */
export async function killRound(
  database: string,
  window: Columns,
  nRequests: number,
  killAfterAnswers: number,
  round: number,
): Promise<KillRound> {
  const env = { BARCAST_DATABASE: database, BARCAST_LOG_LEVEL: 'info' }
  const first = startProcess(env)
  const url = await first.url
  await untilReady(url)

  const answered: string[] = []
  const asked = Array.from({ length: nRequests }, async (_, request) => {
    const candles = mapColumns(window, (values, name) => (name === 'volume' ? values.with(-1, 1000 * round + request + 0.5) : values))
    try {
      const response = await fetch(`${url}/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'btcusdt-logret-168h', candles }),
      })
      const { predictions } = (await response.json()) as { predictions: Prediction[] }
      answered.push(predictions[0]!.id)
      if (answered.length === killAfterAnswers) first.child.kill('SIGKILL')
    } catch {
      // Cut off by the kill.
    }
  })
  await Promise.all(asked)
  first.child.kill('SIGKILL')
  if (first.child.exitCode === null && first.child.signalCode === null) await once(first.child, 'close')

  const second = startProcess(env)
  const again = await second.url
  const lost: string[] = []
  for (const id of answered) {
    const response = await fetch(`${again}/predictions/${id}`)
    if (response.status !== 200) lost.push(id)
    await response.arrayBuffer()
  }
  const all = (await (await fetch(`${again}/predictions?history=all&limit=10000`)).json()) as { predictions: Prediction[] }
  second.child.kill('SIGTERM')
  await second.ended
  return { answered: answered.length, cut: nRequests - answered.length, lost, stored: all.predictions.length }
}
