import { timeframes } from '../../candles/timeframe.js'
import type { Catalogue } from '../catalogue.js'
import { tableCatalogue } from '../table/table-catalogue.js'
import { barSteps } from './bar-steps.js'
import { momentumSteps } from './momentum-steps.js'
import { returnSteps } from './return-steps.js'

/**
 * The 29 indicators of FoxML's FeatureBuilder, in float64 (its cast to float32 belongs to the model). The names count bars, whatever
 * the timeframe: `ret_5d` is the return over five bars.
 */
export function foxml(): Catalogue {
  return tableCatalogue({ name: 'foxml', version: 1, timeframes, steps: [...returnSteps(), ...momentumSteps(), ...barSteps()] })
}
