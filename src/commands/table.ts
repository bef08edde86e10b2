import type { Command } from './command.js'

/** Every command by its name, in the order of `barcast help`. Loaded when it is asked for. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  'import candles': async () => (await import('./import-candles.js')).importCandles,
  'export candles': async () => (await import('./export-candles.js')).exportCandles,
  'export predictions': async () => (await import('./export-predictions.js')).exportPredictions,
  'export features': async () => (await import('./export-features.js')).exportFeatures,
  backfill: async () => (await import('./backfill.js')).backfill,
  verify: async () => (await import('./verify.js')).verify,
  follow: async () => (await import('./follow.js')).follow,
  'models check': async () => (await import('./models-check.js')).modelsCheck,
  snapshot: async () => (await import('./snapshot.js')).snapshot,
  debug: async () => (await import('./debug.js')).debug,
}
