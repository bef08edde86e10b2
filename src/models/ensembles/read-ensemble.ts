import { z } from 'zod'
import { checkedJson } from '../checked-json.js'
import { ensembleSchema } from '../ensemble-rule.js'
import { families } from '../families/families.js'
import { line } from '../line.js'
import { type Manifest, outputs } from '../model.js'
import { modelFileFields, readModelFile } from '../model-file.js'
import { signalSchema } from '../signal-rule.js'
import { statedDigest } from '../stated-digest.js'
import { statedTimeframe } from '../stated-timeframe.js'
import { canonicalJson } from './canonical-json.js'

/** Catalogue that ensembles name: their features are the predictions of their members. */
export const predictionsCatalogue = 'predictions'

/** Whether a `model.json` describes an ensemble. */
export function isEnsembleJson(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && 'ensemble' in json
}

/**
 * An ensemble's `model.json`, checked. Timeframe, window, output and horizon are those of its members: what stands here in their place says
 * nothing, `resolveEnsemble` puts them in.
 * @throws Refused `bad-manifest`, every problem at once
 */
export function readEnsemble(json: Record<string, unknown>): Manifest {
  const parsed = checkedJson(json, schema, 'model.json')
  const { version, symbol, timeframe, output, horizon_bars: horizonBars, sha256, target, signal, ensemble, family } = parsed
  const { sha256: _, ...stated } = json
  return Object.freeze({
    version,
    symbol: symbol ?? undefined,
    timeframe: timeframe ?? '1h',
    features: { catalogue: predictionsCatalogue, baseBars: 1, bufferBars: 0 },
    family: ensemble.rule === 'stacked' ? (family ?? 'lightgbm') : 'ensemble',
    ...readModelFile(parsed),
    output: output ?? 'score',
    quantile: undefined,
    classes: undefined,
    thresholds: undefined,
    horizonBars: horizonBars ?? 1,
    sha256,
    target,
    signal,
    ensemble: {
      rule: ensemble,
      stated: { symbol: symbol ?? undefined, timeframe, output, horizonBars, sha256 },
      canonical: canonicalJson(stated),
    },
  })
}

const fileFields = Object.keys(modelFileFields) as (keyof typeof modelFileFields)[]

const schema = z
  .strictObject({
    version: line,
    /** Only of a stacked model, with what follows: it has a file of its own. */
    family: z.enum(['ensemble', ...families.map(({ name }) => name)]).optional(),
    ...modelFileFields,
    symbol: line.nullish(),
    timeframe: statedTimeframe.optional(),
    output: z.enum(outputs).optional(),
    horizon_bars: z.int().min(1).max(1_000_000).optional(),
    target: line.optional(),
    signal: signalSchema.optional(),
    ensemble: ensembleSchema,
    sha256: statedDigest.optional(),
  })
  .check(({ value, issues }) => {
    const { ensemble, family, output } = value
    const refuse = (path: string, message: string) => issues.push({ code: 'custom', path: [path], message, input: value })
    if (ensemble.rule === 'stacked') {
      if (output === undefined) refuse('output', 'a stacked model states what it predicts')
      if (family === 'ensemble') refuse('family', 'a stacked model names the family of its file')
      return
    }
    if (family !== undefined && family !== 'ensemble') refuse('family', `an ensemble by the rule ${ensemble.rule} has no model file`)
    for (const field of fileFields) if (value[field] !== undefined) refuse(field, 'only a stacked model has a file')
  })
