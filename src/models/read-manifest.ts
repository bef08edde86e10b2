import { z } from 'zod'
import { parseTimeframe, timeframes } from '../candles/timeframe.js'
import { inWords } from '../in-words.js'
import { isEnsembleJson, readEnsemble } from './ensembles/read-ensemble.js'
import { families } from './families/families.js'
import { type Manifest, outputs } from './model.js'
import { modelFileFields, readModelFile } from './model-file.js'
import { line } from './line.js'
import { Refused } from './refused.js'
import { signalSchema, whyNoSignal } from './signal-rule.js'

/**
 * A bundle's `model.json`, checked.
 * @throws Refused `bad-manifest`, every problem at once
 */
export function readManifest(bytes: Uint8Array): Manifest {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new Refused('bad-manifest', `model.json is not JSON: ${(error as Error).message}`, {}, { cause: error })
  }
  if (isEnsembleJson(json)) return readEnsemble(json)
  const parsed = manifestSchema.safeParse(json, { error: inWords })
  if (!parsed.success) {
    const errors = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({ pointer: ['', ...path].join('/'), detail: message }))
    const detail = errors.map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer}: ${detail}`)).join('; ')
    throw new Refused('bad-manifest', `model.json: ${detail}`, { errors })
  }
  const { features, horizon_bars, symbol, quantile, classes, thresholds, sha256, version, timeframe, family, ...rest } = parsed.data
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

const manifestSchema = z
  .strictObject({
    version: line,
    symbol: line.nullish(),
    timeframe: z.string().transform((text, context) => {
      const timeframe = parseTimeframe(text)
      if (timeframe !== undefined) return timeframe
      context.addIssue({ code: 'custom', message: `no such timeframe; known are ${timeframes.join(', ')}` })
      return z.NEVER
    }),
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
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, '64 hexadecimal digits are expected')
      .toLowerCase()
      .optional(),
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
