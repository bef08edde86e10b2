import t from 'tap'
import { createReader } from '../../src/predictions/read.js'
import type { PageQuery } from '../../src/predictions/read.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import type { StoredPrediction } from '../../src/store/store.js'
import { firstBarMs, hourMs, prediction } from '../store/support/prediction.js'

const all: PageQuery = { order: 'desc', history: false, limit: 4 }

async function openFilled(rows: number) {
  const store = await openDuckdbStore({ path: ':memory:' })
  await store.record(
    Array.from({ length: rows }, (_, k) =>
      prediction({ id: `P${String(k).padStart(2, '0')}`, model: `m${k % 3}`, barTimeMs: firstBarMs + Math.floor(k / 3) * hourMs }),
    ),
  )
  return { store, reader: createReader({ store }) }
}

t.test('pages to the end, in both orders', async (t) => {
  const { store, reader } = await openFilled(12)
  for (const order of ['asc', 'desc'] as const) {
    const seen: StoredPrediction[] = []
    let cursor: string | null | undefined
    let pages = 0
    do {
      const page = await reader.page({ ...all, order, cursor: cursor ?? undefined })
      seen.push(...page.predictions)
      cursor = page.nextCursor
      pages++
    } while (cursor !== null)
    t.equal(pages, 3, 'a full last page is known to be the last')
    const ids = seen.map(({ id }) => id)
    t.same(
      ids,
      [...ids].sort((a, b) => (order === 'asc' ? 1 : -1) * (a < b ? -1 : 1)),
    )
    t.equal(ids.length, 12)
  }
  t.match(await reader.find('P00'), { id: 'P00' })
  t.equal(await reader.find('P99'), undefined)
  await store.close()
})

t.test('the size of a page may change on the way', async (t) => {
  const { store, reader } = await openFilled(12)
  const { nextCursor } = await reader.page(all)
  const rest = await reader.page({ ...all, limit: 100, cursor: nextCursor ?? undefined })
  t.equal(rest.predictions.length, 8)
  t.equal(rest.nextCursor, null)
  await store.close()
})

t.test('cursors that were not given out for this query', async (t) => {
  const { store, reader } = await openFilled(12)
  const cursor = (await reader.page(all)).nextCursor as string
  const refused = (query: PageQuery, message: RegExp) => t.rejects(reader.page(query), { code: 'invalid-request', message })
  for (const other of [{ symbol: 'BTCUSDT' }, { model: 'm1' }, { order: 'asc' as const }, { history: true }, { fromMs: 1 }, { toMs: 1 }]) {
    await refused({ ...all, ...other, cursor }, /belongs to another query/)
  }
  const text = Buffer.from(cursor, 'base64url').toString()
  const encode = (value: string) => Buffer.from(value).toString('base64url')
  for (const forged of [
    '',
    'x',
    '💥',
    `${cursor}=`,
    `${cursor}!`,
    encode('null'),
    encode('[]'),
    encode('{}'),
    encode('['),
    encode(` ${text}`),
  ]) {
    await refused({ ...all, cursor: forged }, /none that was given out/)
  }
  await refused({ ...all, cursor: encode(text.replace(/\d{13}/, '"x"')) }, /none that was given out/)
  await refused({ ...all, cursor: encode(text.replace(/\d{13}/, '1e999')) }, /none that was given out/)
  await store.close()
})
