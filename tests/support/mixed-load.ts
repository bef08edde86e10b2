import { type Columns, endingAt, mapColumns, readBtcusdt } from './btcusdt.js'

const hourMs = 3_600_000

/** What a service has acknowledged, over all of its lives. */
export interface Acknowledged {
  /** Ids of predictions. */
  readonly predictions: Set<string>
  /** By open time of a BTCUSDT candle: the closes that it may have, the last acknowledged one and what was under way after it. */
  readonly closes: Map<number, Set<number>>
  /** So many of the first BTCUSDT candles are acknowledged. */
  nCandles: number
  /** Ids of backfill jobs. */
  readonly jobs: Set<string>
  /** Ids of predictions that were shown with an outcome. */
  readonly settled: Set<string>
  /** Requests that were answered. */
  answers: number
}

export function nothingAcknowledged(): Acknowledged {
  return { predictions: new Set(), closes: new Map(), nCandles: 0, jobs: new Set(), settled: new Set(), answers: 0 }
}

export interface LoadParts {
  readonly url: string
  readonly columns: Columns
  readonly acknowledged: Acknowledged
  /** Distinguishes the lives of the service. */
  readonly round: number
  /** From 0 up to 1. */
  readonly random: () => number
}

/** Candles without a gap: the exchange's last one was in March 2023. */
export function mixedCandles(): Columns {
  const all = readBtcusdt()
  const from = all.timestamp.indexOf(Date.UTC(2023, 3, 1))
  return mapColumns(all, (values) => values.slice(from))
}

/** Candles that go in at once, and how many before them may be revised. */
const blockBars = 24
const firstBars = 1_500
export const backfilled = 'crypto-up-4h'

/**
 * Predictions from submitted frames, candles (some of them revised), backfills over them, and looks at what has settled, all at once, until the
 * service is gone. What is answered is remembered.
 */
export async function mixedLoad(parts: LoadParts): Promise<void> {
  await Promise.all([predictions(parts, 0), predictions(parts, 1), candles(parts), backfills(parts), looks(parts)].map(untilGone))
}

async function untilGone(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    // Cut off by the kill; everything else is a finding.
    if (!(error instanceof TypeError) && (error as Error).name !== 'AbortError') throw error
  })
}

/** Each frame is another one, of a market of its own: its newest bar a revision, its prediction superseding the one before. */
async function predictions({ url, columns, acknowledged, round }: LoadParts, worker: number): Promise<void> {
  const window = endingAt(columns, columns.timestamp[firstBars - 1]!, 726)
  for (let request = 0; ; request++) {
    const candles = mapColumns(window, (values, name) =>
      name === 'volume' ? values.with(-1, 10_000 * round + 2 * request + worker) : values,
    )
    const body = { model: backfilled, symbol: 'MIXED', candles }
    const answer = await ask<{ predictions: { id: string }[] }>(url, '/predict', body, acknowledged)
    for (const { id } of answer.predictions) acknowledged.predictions.add(id)
  }
}

/** Goes on where the lives before came to; one block in three revises a bar of the last day. */
async function candles({ url, columns, acknowledged, random }: LoadParts): Promise<void> {
  const { closes } = acknowledged
  for (;;) {
    const { nCandles } = acknowledged
    const from = Math.max(0, nCandles - blockBars)
    const to = Math.min(columns.timestamp.length, nCandles < firstBars ? firstBars : nCandles + blockBars)
    const block = mapColumns(columns, (values) => values.slice(from, to))
    if (random() < 0.33) {
      const bar = Math.floor(random() * blockBars)
      block.close[bar] = block.low[bar]! + random() * (block.high[bar]! - block.low[bar]!)
    }
    // Before the request: it may be stored without an answer.
    block.timestamp.forEach((ms, bar) => closes.set(ms, (closes.get(ms) ?? new Set()).add(block.close[bar]!)))
    await ask(url, '/candles', { symbol: 'BTCUSDT', timeframe: '1h', candles: block }, acknowledged)
    block.timestamp.forEach((ms, bar) => closes.set(ms, new Set([block.close[bar]!])))
    acknowledged.nCandles = Math.max(to, nCandles)
    await pause(5)
  }
}

async function backfills({ url, columns, acknowledged, random }: LoadParts): Promise<void> {
  for (;;) {
    const last = acknowledged.nCandles - 1
    if (last >= firstBars - 1) {
      const from = columns.timestamp[Math.floor(last - random() * 400)]!
      const to = columns.timestamp[last]!
      const body = { model: backfilled, symbol: 'BTCUSDT', mode: 'window', from, to }
      const answer = await ask<{ id: string }>(url, '/backfills', body, acknowledged)
      acknowledged.jobs.add(answer.id)
    }
    await pause(150)
  }
}

async function looks({ url, acknowledged }: LoadParts): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/predictions?symbol=BTCUSDT&limit=300`)
    if (!response.ok) throw new Error(`GET /predictions answered ${response.status}: ${await response.text()}`)
    const { predictions } = (await response.json()) as { predictions: { id: string; outcome: { status: string } }[] }
    acknowledged.answers++
    for (const { id, outcome } of predictions) {
      acknowledged.predictions.add(id)
      if (outcome.status !== 'pending') acknowledged.settled.add(id)
    }
    await pause(30)
  }
}

async function ask<T>(url: string, path: string, body: unknown, acknowledged: Acknowledged): Promise<T> {
  for (;;) {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    if (response.status === 503) {
      await response.arrayBuffer()
      await pause(20)
      continue
    }
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`)
    const answer = (await response.json()) as T
    acknowledged.answers++
    return answer
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** The open times of the BTCUSDT bars that have a whole window. */
export function barsWithWindow(columns: Columns, nBars: number): number[] {
  const times = columns.timestamp.slice(0, nBars)
  return times.filter((ms, bar) => bar >= 725 && times[bar - 725] === ms - 725 * hourMs)
}
