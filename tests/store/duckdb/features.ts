import { join } from 'node:path'
import t from 'tap'
import type { StoredFeatures } from '../../../src/store/feature-store.js'
import { openDuckdbStore } from '../../../src/store/duckdb.js'
import { firstBarMs, hourMs, prediction } from '../support/prediction.js'
import { queryFile } from '../support/query-file.js'

const row = (bar: number, names: readonly string[], values: readonly number[], featureKey = 'v1'): StoredFeatures => ({
  featureKey,
  symbol: 'BTCUSDT',
  timeframe: '1h',
  barTimeMs: firstBarMs + bar * hourMs,
  names,
  values: Float64Array.from(values),
  createdAtMs: firstBarMs + 7,
})

t.test('rows are merged, names are kept once, nothing is lost by reopening', async (t) => {
  const path = join(t.testdir(), 'barcast.duckdb')
  let store = await openDuckdbStore({ path })
  await store.record([prediction({ id: 'A' })], { features: [row(0, ['f', 'g'], [1, NaN]), row(1, ['f', 'g'], [Infinity, -0])] })
  await store.close()
  store = await openDuckdbStore({ path })
  await store.features.keep([row(1, ['g', 'h'], [2, 3]), row(2, ['f', 'g'], [4, 5]), row(0, ['f'], [9], "it's")])
  const revision = await store.revision()
  await store.features.keep([row(0, ['g', 'f'], [NaN, 1])])
  t.equal(await store.revision(), revision, 'the same values in another order change nothing')
  const query = { featureKey: 'v1', order: 'asc', limit: 10 } as const
  const rows = await store.features.list(query)
  t.same(rows, [row(0, ['f', 'g'], [1, NaN]), row(1, ['f', 'g', 'h'], [Infinity, 2, 3]), row(2, ['f', 'g'], [4, 5])])
  t.same(await store.features.list({ ...query, limit: 1, afterMs: firstBarMs }), [rows[1]])
  t.same(await store.features.list({ ...query, order: 'desc', limit: 2 }), [rows[2], rows[1]])
  t.same(await store.features.list({ ...query, symbol: 'ETHUSDT' }), [])
  t.same(await store.features.keys(), [
    { featureKey: "it's", symbol: 'BTCUSDT', timeframe: '1h', nBars: 1, firstMs: firstBarMs, lastMs: firstBarMs },
    { featureKey: 'v1', symbol: 'BTCUSDT', timeframe: '1h', nBars: 3, firstMs: firstBarMs, lastMs: firstBarMs + 2 * hourMs },
  ])
  await store.close()
  t.same(await queryFile(path, 'SELECT names FROM feature_names ORDER BY len(names)').then((all) => all.length), 3)
  t.same(await queryFile(path, "SELECT count(*)::INTEGER FROM features WHERE feature_key = 'v1'"), [[3]])
})

t.test('the sign of zero survives a checkpoint, which packs equal neighbours together', async (t) => {
  const path = join(t.testdir(), 'barcast.duckdb')
  const kept = [
    row(0, ['f', 'g', 'h'], [0, -0, 1]),
    row(1, ['f', 'g', 'h'], [-0, 0, NaN]),
    row(2, ['f', 'g', 'h'], [0, 0, 0]),
    ...Array.from({ length: 20 }, (_, k) => row(3 + k, ['f'], [k % 2 === 0 ? -0 : 0])),
  ]
  let store = await openDuckdbStore({ path })
  await store.features.keep(kept)
  for (let restart = 0; restart < 2; restart++) {
    await store.close()
    store = await openDuckdbStore({ path })
    const revision = await store.revision()
    await store.features.keep(kept)
    t.equal(await store.revision(), revision, 'the same values are known')
    const rows = await store.features.list({ order: 'asc', limit: 100 })
    t.ok(rows.every(({ values }, k) => values.every((value, place) => Object.is(value, kept[k]?.values[place]))))
  }
  const [first] = kept.slice(1)
  await store.features.keep([{ ...(first as StoredFeatures), names: ['f'], values: Float64Array.of(0) }])
  const [, changed] = await store.features.list({ order: 'asc', limit: 2 })
  t.ok(Object.is(changed?.values[0], 0), 'and 0 in the place of -0 is a change')
  await store.close()
})
