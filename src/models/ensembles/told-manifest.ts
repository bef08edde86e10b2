import type { Manifest, ToldManifest } from '../model.js'

/** What a manifest says of itself. That of an ensemble holds something in place of what its members settle: here only what it states remains. */
export function toldManifest(manifest: Manifest): ToldManifest {
  if (manifest.ensemble === undefined) return manifest
  const { timeframe, output, horizonBars } = manifest.ensemble.stated
  return { ...manifest, features: undefined, timeframe, output, horizonBars }
}
