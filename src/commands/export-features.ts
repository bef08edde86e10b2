import type { z } from 'zod'
import { DONE } from '../exit-codes.js'
import type { storedFeaturesSchema } from '../feature-rows/schema.js'
import type { Client, RequestOptions } from './client.js'
import { defineCommand } from './command.js'
import { aboutOut, exportOptions } from './export-options.js'
import { type FeatureItem, featureValue, toFeatureItems } from './feature-items.js'
import { createProgress } from './progress.js'
import { rangeQuery, readRange } from './read-range.js'
import { readTimeframe } from './read-timeframe.js'
import { refuseOwnDatabase } from './refuse-own-database.js'
import type { TableLayout } from './tables/table-writer.js'
import { writeTable } from './tables/write-table.js'

export const exportFeatures = defineCommand({
  name: 'export features',
  summary: 'Writes stored feature values of one key and series into a file',
  usage: 'OUT [--feature-key KEY] [--symbol NAME] [--timeframe 1h] [--from TIME] [--to TIME] [--force]',
  about: `${aboutOut}
A row per bar: timestamp, then a column per feature. Key, symbol and timeframe may be left out where there is one only. A value that is NaN
is empty in CSV, NaN in Parquet and DuckDB, null in NDJSON; infinite ones are inf and -inf.`,
  operands: ['OUT'],
  options: { 'feature-key': { type: 'string', value: 'KEY', about: 'what the values are kept under' }, ...exportOptions },
  async run({ args, values, connect, config, stdout, stderr, isTerminal, signal, nowMs }) {
    const [path] = args as [string]
    const { symbol, 'feature-key': feature_key, force = false } = values
    const timeframe = values.timeframe === undefined ? undefined : readTimeframe(values.timeframe)
    const query = { feature_key, symbol, timeframe, ...rangeQuery(readRange(values)) }
    await refuseOwnDatabase(path, config)
    const client = await connect()
    const progress = createProgress({ stderr, isTerminal, nowMs })
    // A column for every name: rows of one key nearly always have the same, and when a later one has more, all is written again.
    const names = new Set<string>()
    for (;;) {
      try {
        const pages = fetchFeatures(client, query, names, signal)
        const nRows = await writeTable({ path, force, layout: layoutOf(names) }, pages, (done) => progress.show(done, undefined, 'bars'))
        progress.clear()
        stdout.write(`${path}: ${nRows} bars, ${names.size} features\n`)
        return DONE
      } catch (error) {
        if (!(error instanceof MoreNames)) throw error
      }
    }
  },
})

/** A page has features that the columns do not have. */
class MoreNames extends Error {}

/** A page of 440 features has about 4 MB. */
const mostRows = 500

async function* fetchFeatures(
  client: Client,
  query: NonNullable<RequestOptions['query']>,
  names: Set<string>,
  signal: AbortSignal,
): AsyncGenerator<readonly FeatureItem[]> {
  let cursor: string | undefined
  do {
    signal.throwIfAborted()
    const answer = await client.request('GET', '/features', { query: { ...query, order: 'asc', limit: mostRows, cursor } })
    const page = await answer.json<z.output<typeof storedFeaturesSchema>>()
    const before = names.size
    for (const name of page.columns) names.add(name)
    if (names.size > before) throw new MoreNames()
    yield toFeatureItems(page)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
}

function layoutOf(names: Iterable<string>): TableLayout<FeatureItem> {
  const features = Array.from(names, (name) => ({ name, type: 'DOUBLE' as const, of: (item: FeatureItem) => featureValue(item, name) }))
  return {
    name: 'features',
    columns: [{ name: 'timestamp', type: 'TIMESTAMP', of: ({ timestamp }) => Date.parse(timestamp) }, ...features],
  }
}
