import type { Catalogue } from './catalogue.js'
import { cryptoBot } from './crypto-bot/catalogue.js'
import { foxml } from './foxml/catalogue.js'
import { mlLayer1 } from './ml-layer-1/catalogue.js'
import { multiTimeframe } from './multi-timeframe/catalogue.js'
import { rawSequence } from './raw-sequence/catalogue.js'
import { withHistory } from './with-history.js'

/** Every catalogue that models can name. */
export function allCatalogues(): Catalogue[] {
  return [...[multiTimeframe(), foxml(), cryptoBot(), mlLayer1()].map(withHistory), rawSequence()]
}
