import { timeframes } from '../../candles/timeframe.js'
import type { Catalogue } from '../catalogue.js'
import { tableCatalogue } from '../table/table-catalogue.js'
import { cryptoBotSteps } from './steps.js'

/** The 15 features of crypto_bot's datasets, before its scaler (which belongs to the model), in the sorted order that the scaler was fitted in. */
export function cryptoBot(): Catalogue {
  const catalogue = tableCatalogue({ name: 'crypto-bot', version: 1, timeframes, steps: cryptoBotSteps() })
  return { ...catalogue, names: [...catalogue.names].sort() }
}
