import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import type { BackfillAnswer } from '../../src/backfills/schema.js'
import type { Prediction } from '../../src/predictions/schema.js'
import { endingAt, readBtcusdt } from '../support/btcusdt.js'
import { startProcess, untilReady } from '../support/server-process.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const hourMs = 3_600_000
const model = 'btcusdt-logret-168h'
const lastMs = Date.parse('2024-05-01T00:00:00Z')
const nBars = 3_000

t.test('killed in the middle, a server goes on where it was, and nothing is there twice', async (t) => {
  const env = { BARCAST_DATABASE: join(temporaryFolder(t), 'barcast.duckdb') }
  const first = startProcess(env)
  t.teardown(() => first.child.kill('SIGKILL'))
  const url = await first.url
  await untilReady(url)
  await post(url, '/candles', { symbol: 'BTCUSDT', timeframe: '1h', candles: endingAt(readBtcusdt(), lastMs, nBars + 725) })
  const order = { model, mode: 'window', from: lastMs - (nBars - 1) * hourMs, to: lastMs }
  const { id } = await post<BackfillAnswer>(url, '/backfills', order)
  let seen: number
  for (;;) {
    const { progress, state } = await get<BackfillAnswer>(url, `/backfills/${id}`)
    seen = progress.written
    // Progress is saved before the next commit: at the second the first is durable.
    if (state !== 'waiting' && seen >= 2_000) break
    await setTimeout(5)
  }
  first.child.kill('SIGKILL')
  await first.ended

  const second = startProcess(env)
  t.teardown(() => second.child.kill('SIGKILL'))
  const again = await second.url
  await untilReady(again)
  const resumed = await get<BackfillAnswer>(again, `/backfills/${id}`)
  t.ok(resumed.progress.done >= 1_000, `${resumed.progress.done} done, ${seen} were seen before the kill`)
  const job = await untilDone(again, id)
  t.match(job, { state: 'done', progress: { done: nBars }, result: { planned: nBars, written: nBars, known: 0, skipped: 0 } })
  const notes = await get<{ lines: { bar_time: string }[]; next: number; lost: number; ended: boolean }>(
    again,
    `/backfills/${id}/lines?limit=10000`,
  )
  t.match(notes, { next: nBars, ended: true })
  t.ok(notes.lost >= 1_000, `${notes.lost} lines were noted by the process that was killed`)
  t.equal(notes.lines.length, nBars - notes.lost, 'what was done before is not done again')
  t.equal(notes.lines[0]?.bar_time, new Date(order.from + notes.lost * hourMs).toISOString(), 'and the numbers go on')
  const { predictions } = await get<{ predictions: Prediction[] }>(again, '/predictions?history=all&limit=10000&order=asc')
  t.equal(predictions.length, nBars)
  t.equal(new Set(predictions.map(({ bar_time }) => bar_time)).size, nBars)
  const asked = await post<BackfillAnswer>(again, '/backfills', order)
  t.match((await untilDone(again, asked.id)).result, { written: 0, known: nBars })
  const verified = await post<{ id: string }>(again, '/verifications', {})
  t.match(await untilDone(again, verified.id, '/verifications'), { result: { checked: nBars, identical: nBars } })
  second.child.kill('SIGTERM')
  t.equal((await second.ended).code, 0)
})

async function untilDone(url: string, id: string, path = '/backfills'): Promise<BackfillAnswer> {
  for (;;) {
    const job = await get<BackfillAnswer>(url, `${path}/${id}`)
    if (job.state !== 'waiting' && job.state !== 'running') return job
    await setTimeout(50)
  }
}

async function post<Answer>(url: string, path: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Answer
}

async function get<Answer>(url: string, path: string): Promise<Answer> {
  return (await (await fetch(url + path)).json()) as Answer
}
