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
  for (;;) {
    const { progress, state } = await get<BackfillAnswer>(url, `/backfills/${id}`)
    if (state !== 'waiting' && progress.written > 0) break
    await setTimeout(5)
  }
  first.child.kill('SIGKILL')
  await first.ended

  const second = startProcess(env)
  t.teardown(() => second.child.kill('SIGKILL'))
  const again = await second.url
  await untilReady(again)
  const job = await untilDone(again, id)
  t.match(job, { state: 'done', result: { planned: nBars } })
  t.ok(job.result!.known >= 1_000, `${job.result!.known} were committed before the kill and not computed again`)
  t.equal(job.result!.known + job.result!.written, nBars)
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
