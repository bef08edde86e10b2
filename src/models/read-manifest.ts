import { z } from 'zod'
import { checkedJson } from './checked-json.js'
import { isEnsembleJson, readEnsemble } from './ensembles/read-ensemble.js'
import { families } from './families/families.js'
import { type Manifest, outputs } from './model.js'
import { modelFileFields, readModelFile } from './model-file.js'
import { line } from './line.js'
import { refuseDuplicateKeys } from './refuse-duplicate-keys.js'
import { Refused } from './refused.js'
import { signalSchema, whyNoSignal } from './signal-rule.js'
import { statedDigest } from './stated-digest.js'
import { statedTimeframe } from './stated-timeframe.js'

/**
 * A bundle's `model.json`, checked.
 * @throws Refused `bad-manifest`, every problem at once
 */
export function readManifest(bytes: Uint8Array): Manifest {
  const json = parse(bytes)
  if (isEnsembleJson(json)) return readEnsemble(json)
  const { features, horizon_bars, symbol, quantile, classes, thresholds, sha256, version, timeframe, family, ...rest } = checkedJson(
    json,
    manifestSchema,
    'model.json',
  )
  return Object.freeze({
    version,
    timeframe,
    family,
    output: rest.output,
    target: rest.target,
    signal: rest.signal,
    symbol: symbol ?? undefined,
    features: Object.freeze({
      catalogue: features.catalogue,
      baseBars: features.base_bars,
      bufferBars: features.buffer_bars,
      ...(features.store !== undefined && { store: features.store }),
      ...(features.key !== undefined && { key: features.key }),
    }),
    quantile,
    classes,
    thresholds,
    horizonBars: horizon_bars,
    sha256,
    ...readModelFile(rest),
  })
}

function parse(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const json: unknown = JSON.parse(text)
    refuseDuplicateKeys(text, 'model.json')
    return json
  } catch (error) {
    if (error instanceof Refused) throw error
    throw new Refused('bad-manifest', `model.json is not JSON: ${(error as Error).message}`, {}, { cause: error })
  }
}

const manifestSchema = z
  .strictObject({
    version: line,
    symbol: line.nullish(),
    timeframe: statedTimeframe,
    features: z.strictObject({
      catalogue: line,
      base_bars: z.int().min(1).max(100_000),
      buffer_bars: z.int().min(0).max(100_000),
      store: z.boolean().optional(),
      key: line.optional(),
    }),
    family: z.enum(families.map(({ name }) => name) as [string, ...string[]]).default('lightgbm'),
    ...modelFileFields,
    output: z.enum(outputs),
    quantile: z.number().gt(0).lt(1).optional(),
    classes: z.array(line).min(2).max(1000).optional(),
    thresholds: z.array(z.number()).min(1).max(999).optional(),
    horizon_bars: z.int().min(1).max(1_000_000),
    target: line.optional(),
    signal: signalSchema.optional(),
    sha256: statedDigest.optional(),
  })
  .check(({ value, issues }) => {
    const refuse = (path: string, message: string) => issues.push({ code: 'custom', path: path.split('/'), message, input: value })
    const { output, quantile, classes, thresholds, signal } = value
    const unconfident = whyNoSignal(signal, output)
    if (unconfident !== undefined) refuse('signal/min_confidence', unconfident)
    if (output === 'class_probabilities') {
      if (quantile !== undefined) refuse('quantile', 'classes have no quantile')
    } else {
      if (classes !== undefined) refuse('classes', `only with output class_probabilities, not ${output}`)
      if (thresholds !== undefined) refuse('thresholds', `only with output class_probabilities, not ${output}`)
    }
    if (quantile !== undefined && output === 'probability_up') refuse('quantile', 'a probability has no quantile')
    if (classes !== undefined && new Set(classes).size !== classes.length) refuse('classes', 'a class is named twice')
    if (thresholds !== undefined && thresholds.some((threshold, i) => i > 0 && !(threshold > thresholds[i - 1]!))) {
      refuse('thresholds', 'thresholds rise strictly')
    }
    if (thresholds !== undefined && thresholds.length !== (classes?.length ?? 0) - 1) {
      refuse('thresholds', `one threshold fewer than classes is expected, not ${thresholds.length} for ${classes?.length ?? 0} classes`)
    }
  })
