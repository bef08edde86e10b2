import type { z } from 'zod'
import { parseCandles } from '../candles/parse.js'
import { invalidAt } from '../errors.js'
import { checked } from '../http/checked.js'
import { openTimeRange } from '../http/open-time-range.js'
import { queryPointer } from '../http/validator-compiler.js'
import { jsonPointer } from '../json-pointer.js'
import { bodySchema, maxModels, type targetSchema, wishesSchema } from './body-schema.js'
import { type CandleBody, type RawBody, readCandleBody } from './candle-body.js'
import { createCutFeatures } from './cut-features.js'
import { parseFeatures } from './parse-features.js'
import type { PredictRequest } from './predict.js'
import type { PredictQuery } from './query-schema.js'

export interface RawRequest extends RawBody {
  readonly query: PredictQuery
}

/** What POST /predict was asked, out of its bytes. Throws Problem 400 or 415. */
export type ReadRequest = (raw: RawRequest) => PredictRequest

export function createReadRequest(): ReadRequest {
  const cutFeatures = createCutFeatures()

  return ({ query: { store, ...fields }, ...raw }) => {
    const body = readCandleBody(raw, cutFeatures)
    if (body.format === 'csv') return { ...inQuery(fields), submission: body.submission, store }
    const [misplaced] = Object.keys(fields)
    if (misplaced !== undefined) throw invalidAt(misplaced, 'with a JSON body this belongs into the body, not into the query')
    return { ...inBody(body), store }
  }
}

type Asked = Omit<PredictRequest, 'store'>

function inBody({ value, submission, features: read }: CandleBody & { format: 'json' }): Asked {
  const asked = isOrdinary(value) ? value : check(bodySchema, value, jsonPointer)
  const { bars, candles, features, ...others } = asked
  const { store_features: storeFeatures, feature_key: featureKey, family_priority: familyPriority, ...rest } = others
  requireOneTarget(asked, jsonPointer)
  if (candles !== undefined && features !== undefined) throw invalidAt('/features', 'give either candles or features, not both')
  if (features !== undefined && bars !== undefined)
    throw invalidAt('/bars', 'features are for the bars of their timestamps; leave bars out')
  return {
    ...rest,
    bars,
    familyPriority,
    storeFeatures,
    featureKey,
    submission: candles === undefined ? undefined : (submission ?? parseCandles(candles)),
    features: features === undefined ? undefined : (read ?? parseFeatures(features)),
  }
}

/** The commonest body, which needs no schema: a model's name, and the candles or features. Walking its ten other fields takes 10 µs. */
function isOrdinary(value: unknown): value is z.output<typeof bodySchema> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { model } = value as { model?: unknown }
  if (typeof model !== 'string' || model.length < 1 || model.length > 100) return false
  for (const name in value) if (name !== 'model' && name !== 'candles' && name !== 'features') return false
  return true
}

/** The fields that stand in the query beside a CSV. */
function inQuery({ bars, from, to, store_features: storeFeatures, ...fields }: Omit<PredictQuery, 'store'>): Asked {
  const asked = check(wishesSchema, fields, queryPointer)
  requireOneTarget(asked, queryPointer)
  const { feature_key: featureKey, family_priority: familyPriority, ...others } = asked
  const rest = { ...others, familyPriority, storeFeatures, featureKey }
  if (from === undefined && to === undefined) return rest
  if (bars !== undefined) throw invalidAt('bars', 'give either bars, or from and to')
  return { ...rest, bars: openTimeRange({ from, to }) }
}

function requireOneTarget({ model, models, target, family_priority: families }: z.output<typeof wishesSchema>, pointer: Pointer): void {
  if (target !== undefined && (model !== undefined || models !== undefined))
    throw invalidAt(pointer(['target']), 'give either a target, or model or models, not both')
  if (families !== undefined && target === undefined) throw invalidAt(pointer(['family_priority']), 'family_priority goes with a target')
}

function check<Schema extends typeof targetSchema>(schema: Schema, value: unknown, pointer: Pointer): z.output<Schema> {
  // Before zod, which looks at every one of a million names.
  const named = (value as { models?: unknown } | null)?.models
  if (Array.isArray(named) && named.length > maxModels)
    throw invalidAt(pointer(['models']), `at most ${maxModels} models can be asked at once`)
  const data = checked(schema, value, pointer)
  const { model, models } = data
  if (model !== undefined && models !== undefined) throw invalidAt(pointer(['models']), 'give either model or models, not both')
  return data
}

type Pointer = (path: readonly PropertyKey[]) => string
