import { type Acknowledged, backfilled, barsWithWindow } from './mixed-load.js'
import type { Columns } from './btcusdt.js'
import { startProcess } from './server-process.js'

interface Parts {
  readonly database: string
  readonly models: string
  readonly columns: Columns
  readonly acknowledged: Acknowledged
  readonly program?: readonly string[]
}

interface Listed {
  readonly predictions: readonly { readonly bar_time: string; readonly outcome: { readonly status: string } }[]
  readonly next_cursor: string | null
}

/**
 * Lets the service finish what the kills interrupted: every job ends, a last backfill fills what is missing, everything settles that can.
 * Returns what is wrong then: must be empty.
 */
export async function settleEverything({ database, models, columns, acknowledged, program }: Parts): Promise<string[]> {
  const server = startProcess({ BARCAST_DATABASE: database, BARCAST_MODELS: models }, [], program)
  try {
    const url = await server.url
    const findings: string[] = []
    const jobs = async () => {
      const { backfills } = (await (await fetch(`${url}/backfills?limit=1000`)).json()) as {
        backfills: { id: string; state: string; result: unknown }[]
      }
      return backfills
    }
    await until(async () => (await fetch(`${url}/readyz`)).ok)
    await until(async () => (await jobs()).every(({ state }) => state !== 'running' && state !== 'waiting'))
    const failed = (await jobs()).filter(({ state }) => state !== 'done')
    if (failed.length > 0) findings.push(`${failed.length} jobs did not end well: ${JSON.stringify(failed[0])}`)

    const bars = barsWithWindow(columns, acknowledged.nCandles)
    const body = { model: backfilled, symbol: 'BTCUSDT', mode: 'window', from: bars[0], to: columns.timestamp[acknowledged.nCandles - 1] }
    const headers = { 'content-type': 'application/json' }
    await (await fetch(`${url}/backfills`, { method: 'POST', headers, body: JSON.stringify(body) })).json()
    await until(async () => (await jobs()).every(({ state }) => state !== 'running' && state !== 'waiting'))

    // Bars that are not four hours from the end can be settled, or never.
    const settleable = bars.filter((ms) => ms + 5 * 3_600_000 <= columns.timestamp[acknowledged.nCandles - 1]!)
    let outcomes = new Map<number, string>()
    await until(async () => {
      outcomes = await listOutcomes(url, findings)
      return settleable.every((ms) => (outcomes.get(ms) ?? 'absent') !== 'pending')
    })
    const missing = bars.filter((ms) => !outcomes.has(ms))
    if (missing.length > 0) findings.push(`${missing.length} bars have no prediction, such as ${new Date(missing[0]!).toISOString()}`)
    return findings
  } finally {
    server.child.kill('SIGTERM')
    await server.ended
  }
}

async function listOutcomes(url: string, findings: string[]): Promise<Map<number, string>> {
  const outcomes = new Map<number, string>()
  let cursor = ''
  do {
    const query = `symbol=BTCUSDT&model=${backfilled}&limit=10000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
    const page = (await (await fetch(`${url}/predictions?${query}`)).json()) as Listed
    for (const { bar_time, outcome } of page.predictions) {
      const ms = Date.parse(bar_time)
      if (outcomes.has(ms)) findings.push(`two predictions of ${bar_time}`)
      outcomes.set(ms, outcome.status)
    }
    cursor = page.next_cursor ?? ''
  } while (cursor !== '')
  return outcomes
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 100))) {
    if (await isDone()) return
  }
  throw new Error('not within two minutes')
}
