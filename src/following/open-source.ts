import type { Series } from '../store/series.js'
import type { SourceSettings } from './schema.js'
import type { Source } from './source.js'
import { createCsvSource } from './sources/csv.js'
import { createDuckdbSource, type TakeTurn } from './sources/duckdb.js'
import { createHttpSource } from './sources/http.js'

/**
 * Makes sources from their settings; those of one maker share their turns at files.
 * @param ownDatabase the service's database, which no source may open a second time
 */
export function createOpenSource(
  secrets: Readonly<Record<string, string>>,
  ownDatabase: string,
): (settings: SourceSettings, series: Series) => Source {
  const takeTurn = createTurns()
  return (settings, series) => {
    switch (settings.kind) {
      case 'http':
        return createHttpSource(settings, series, secrets)
      case 'csv':
        return createCsvSource(settings.path)
      case 'duckdb':
        return createDuckdbSource({ path: settings.path, table: settings.table, ownDatabase, takeTurn })
    }
  }
}

function createTurns(): TakeTurn {
  const last = new Map<string, Promise<unknown>>()
  return async (path, work) => {
    const before = last.get(path) ?? Promise.resolve()
    const mine = before.catch(() => undefined).then(work)
    last.set(path, mine)
    try {
      return await mine
    } finally {
      if (last.get(path) === mine) last.delete(path)
    }
  }
}
