import { readFileSync } from 'node:fs'
import { buildApp } from '../../src/app.js'
import { loadConfig } from '../../src/config.js'
import { allCatalogues } from '../../src/features/catalogues.js'
import { withHistory } from '../../src/features/with-history.js'
import { openParts } from '../../src/open-parts.js'
import { breakout } from './breakout.js'

/**
 * Predicts from a CSV of candles with a model whose features come from a catalogue that is not barcast's: npx tsx predict.ts CANDLES.csv
 * The service is the one that ships; only the list of catalogues has one more.
 */
const [path = 'examples/candles/btcusdt-1h.csv'] = process.argv.slice(2)
const models = new URL('models', import.meta.url).pathname
const config = loadConfig({ BARCAST_DATABASE: ':memory:', BARCAST_MODELS: models })
const { parts, close } = await openParts(config, { version: 'example', catalogues: [...allCatalogues(), withHistory(breakout())] })
const app = await buildApp(config, parts)
await parts.registry.loaded
const answer = await app.inject({
  method: 'POST',
  url: '/predict?model=breakout-1h&symbol=BTCUSDT',
  headers: { 'content-type': 'text/csv' },
  payload: readFileSync(path),
})
console.log(JSON.stringify(answer.json(), null, 2))
await app.close()
await close()
