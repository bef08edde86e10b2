import { buildApp, type Parts } from '../src/app.js'
import { createMetrics } from '../src/health/metrics.js'
import { readVersion } from '../src/version.js'

/** The OpenAPI document of the app, as it is committed. Nothing is asked of the app, so it gets parts that do nothing. */
export async function openapiText(): Promise<string> {
  const unused = () => Promise.reject(new Error('the document needs no part'))
  const unusedPart = <Part extends object>() => new Proxy({}, { get: () => unused }) as Part
  const parts: Parts = {
    registry: {
      entries: () => [],
      entry: () => undefined,
      served: () => {
        throw new Error('the document needs no model')
      },
      ready: () => undefined,
      lease: () => () => undefined,
      reload: unused,
      loaded: Promise.resolve(),
      isLoaded: () => true,
      close: () => undefined,
    },
    catalogues: [],
    store: {
      record: unused,
      find: unused,
      list: unused,
      sample: unused,
      revision: unused,
      lines: unused,
      onCommit: () => () => undefined,
      snapshot: unused,
      candles: unusedPart(),
      outcomes: unusedPart(),
      features: unusedPart(),
      log: unusedPart(),
      jobs: unusedPart(),
      close: () => Promise.resolve(),
    },
    predict: unused,
    reader: { page: unused, find: unused },
    snapshots: { make: unused },
    settler: unusedPart(),
    jobs: unusedPart(),
    replayer: unusedPart(),
    metrics: createMetrics(),
    version: readVersion(),
  }
  const app = await buildApp({ bodyLimitBytes: 1024, requiredModels: [] }, parts)
  await app.ready()
  const document = app.swagger()
  await app.close()
  return `${JSON.stringify(document, null, 2)}\n`
}
