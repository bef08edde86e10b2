import type { NewPrediction } from '../../../src/store/store.js'

export const hourMs = 3_600_000
export const firstBarMs = Date.UTC(2025, 0, 1)

/** A prediction with every field filled; name what matters to the test. */
export function prediction(fields: Partial<NewPrediction> & { readonly id: string }): NewPrediction {
  return {
    symbol: 'BTCUSDT',
    timeframe: '1h',
    barTimeMs: firstBarMs,
    model: 'btcusdt-logret-168h',
    modelVersion: '1',
    modelSha256: 'ab'.repeat(32),
    yRaw: Float64Array.of(0.030967558971535417),
    yPred: Float64Array.of(0.030967558971535417),
    output: 'log_return',
    quantile: null,
    thresholds: new Float64Array(0),
    horizonBars: 168,
    catalogue: 'multi-timeframe',
    catalogueVersion: 1,
    baseBars: 720,
    bufferBars: 6,
    featuresHash: 'cd'.repeat(32),
    featuresNan: [],
    featuresOutside: [],
    source: 'candles',
    inputHash: 'ef'.repeat(32),
    inputSubmitted: 726,
    inputBars: 726,
    inputFirstMs: firstBarMs - 725 * hourMs,
    inputLastMs: firstBarMs,
    unfinishedDropped: 0,
    origin: 'late',
    createdAtMs: firstBarMs + hourMs + 123,
    scorerVersion: '0.1.0',
    details: null,
    ...fields,
  }
}
