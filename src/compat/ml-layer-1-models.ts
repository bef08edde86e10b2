import type { ModelEntry } from '../models/model.js'
import type { Registry } from '../models/registry.js'

export interface MlLayer1Models {
  /** Trees, one per horizon: usable ones, count. */
  readonly lgbm: number
  /** The sequence model: 1 or 0. */
  readonly mamba: number
  /** There is at least one model of this layout. */
  readonly enabled: boolean
  /** ML layer 1's own rule: enabled, and both kinds are there. */
  readonly ready: boolean
  /** Name → the horizon in minutes, or `sequence`. */
  readonly horizons: ReadonlyMap<string, string>
}

/** What of the models directory is ML layer 1's. */
export function mlLayer1Models(registry: Pick<Registry, 'entries'>): MlLayer1Models {
  const entries = registry.entries().filter(({ source }) => source.layout === 'ml-layer-1')
  const usable = entries.filter(isUsable)
  const mamba = usable.filter(({ name }) => name.endsWith('.sequence')).length
  const lgbm = usable.length - mamba
  return {
    lgbm,
    mamba,
    enabled: entries.length > 0,
    ready: lgbm > 0 && mamba > 0,
    horizons: new Map(entries.map(({ name }) => [name, name.slice(name.lastIndexOf('.') + 1).replace(/^h(?=\d)/, '')])),
  }
}

function isUsable({ state }: ModelEntry): boolean {
  return state === 'served' || state === 'idle'
}
