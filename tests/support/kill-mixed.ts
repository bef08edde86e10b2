import { once } from 'node:events'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Columns } from './btcusdt.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import { copyAsKilled } from '../store/support/copy-as-killed.js'
import { type Acknowledged, mixedLoad } from './mixed-load.js'
import { startProcess } from './server-process.js'

export interface MixedRound {
  /** From the start of the process until it listened; undefined when it was killed before. */
  readonly startMs: number | undefined
  /** Requests that were answered in this round. */
  readonly answers: number
  /** What is wrong with the database as the kill left it: must be empty. */
  readonly findings: readonly string[]
  /** Rows after the kill. */
  readonly rows: { readonly predictions: number; readonly candles: number; readonly outcomes: number; readonly jobs: number }
}

export interface MixedParts {
  readonly database: string
  /** A copy of the database is made here and looked at, so that the service alone opens the real one. */
  readonly copy: string
  readonly models: string
  readonly columns: Columns
  readonly acknowledged: Acknowledged
  readonly round: number
  readonly random: () => number
  /** How the server is started; from its sources when not given. */
  readonly program?: readonly string[]
}

/** One life of the service: start, mixed load, SIGKILL at a random moment (one in eight while it starts), then a look at what is left. */
export async function killMixedRound(parts: MixedParts): Promise<MixedRound> {
  const { database, models, columns, acknowledged, round, random } = parts
  const before = acknowledged.answers
  const started = performance.now()
  const env = { BARCAST_DATABASE: database, BARCAST_MODELS: models, BARCAST_LOG_LEVEL: 'info' }
  const server = startProcess(env, [], parts.program)
  const kill = () => void server.child.kill('SIGKILL')
  let startMs: number | undefined
  if (round > 0 && random() < 0.125) setTimeout(kill, random() * 1_000)
  const url = await server.url.catch(() => undefined)
  if (url !== undefined) {
    startMs = performance.now() - started
    // Not before something was answered, however slow the machine is.
    const waiting = setInterval(() => {
      if (acknowledged.answers < before + 5) return
      clearInterval(waiting)
      setTimeout(kill, random() * 1_500)
    }, 5)
    await mixedLoad({ url, columns, acknowledged, round, random })
    clearInterval(waiting)
  }
  kill()
  if (server.child.exitCode === null && server.child.signalCode === null) await once(server.child, 'close')
  const { code, signal, stderr } = await server.ended
  const ending = signal === 'SIGKILL' ? [] : [`the server ended by itself, ${signal ?? `with ${code}`}: ${stderr}`]
  const { findings, rows } = await lookAt(parts)
  return { startMs, answers: acknowledged.answers - before, findings: [...ending, ...findings], rows }
}

/** What was acknowledged must be there; nothing may be there twice. */
async function lookAt({ database, copy, acknowledged }: MixedParts): Promise<Pick<MixedRound, 'findings' | 'rows'>> {
  copyAsKilled(database, copy)
  await (await openDuckdbStore({ path: copy })).close()
  const instance = await DuckDBInstance.create(copy, { threads: '1' })
  const connection = await instance.connect()
  const all = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()
  const findings: string[] = []
  const missing = (what: string, wanted: ReadonlySet<string>, there: ReadonlySet<string>) => {
    const lost = [...wanted].filter((id) => !there.has(id))
    if (lost.length > 0) findings.push(`${lost.length} acknowledged ${what} are lost: ${lost.slice(0, 3).join()}`)
  }
  const ids = async (sql: string) => new Set((await all(sql)).map(([id]) => id as string))
  try {
    missing('predictions', acknowledged.predictions, await ids('SELECT id FROM predictions'))
    missing('outcomes', acknowledged.settled, await ids('SELECT DISTINCT prediction_id FROM outcomes'))
    missing('jobs', acknowledged.jobs, await ids('SELECT id FROM jobs'))
    const stored = await all(`SELECT epoch_ms(open_time)::DOUBLE, close FROM current_candles WHERE symbol = 'BTCUSDT'`)
    const closes = new Map(stored as [number, number][])
    for (const [bar, [ms, possible]] of [...acknowledged.closes].entries()) {
      const close = closes.get(ms)
      // A bar whose only request was cut off may be there or not.
      if (close === undefined ? bar < acknowledged.nCandles : !possible.has(close)) {
        findings.push(`the candle of ${new Date(ms).toISOString()} has close ${close}, acknowledged was ${[...possible].join(' or ')}`)
      }
    }
    for (const [what, sql] of Object.entries(doubles)) {
      const twice = await all(sql)
      if (twice.length > 0) findings.push(`${what}: ${twice.length}, such as ${String(twice[0])}`)
    }
    const count = async (table: string) => Number((await all(`SELECT count(*)::DOUBLE FROM ${table}`))[0]![0])
    const rows = {
      predictions: await count('predictions'),
      candles: await count('candles'),
      outcomes: await count('outcomes'),
      jobs: await count('jobs'),
    }
    return { findings, rows }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Each must find nothing. */
const doubles = {
  'predictions twice': 'SELECT id FROM predictions GROUP BY id HAVING count(*) > 1',
  'two current predictions of one bar':
    'SELECT symbol, timeframe, model, bar_time FROM predictions WHERE superseded_by IS NULL GROUP BY ALL HAVING count(*) > 1',
  'predictions that supersede one that does not know it':
    'SELECT p.id FROM predictions p LEFT JOIN predictions q ON q.id = p.supersedes WHERE p.supersedes IS NOT NULL AND q.superseded_by IS DISTINCT FROM p.id',
  'candles twice in one commit': 'SELECT symbol, timeframe, open_time, revision FROM candles GROUP BY ALL HAVING count(*) > 1',
  'two current candles of one bar': 'SELECT symbol, timeframe, open_time FROM current_candles GROUP BY ALL HAVING count(*) > 1',
  'two current outcomes of one prediction':
    'SELECT prediction_id FROM outcomes WHERE replaced_by IS NULL GROUP BY prediction_id HAVING count(*) > 1',
  'outcomes of no prediction': 'SELECT prediction_id FROM outcomes ANTI JOIN predictions ON id = prediction_id',
  'jobs twice': 'SELECT id FROM jobs GROUP BY id HAVING count(*) > 1',
}
