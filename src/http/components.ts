import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { backfillListSchema, backfillPlanSchema, backfillSchema } from '../backfills/schema.js'
import { computedFeaturesSchema, featureKeysSchema, storedFeaturesSchema } from '../feature-rows/schema.js'
import { livezSchema, readinessSchema } from '../health/schema.js'
import { jobNotesSchema } from '../jobs/schema.js'
import { modelListSchema, modelReloadSchema, modelSchema } from '../model-listing/schema.js'
import { performanceBinsSchema, performanceSchema } from '../outcomes/performance-schema.js'
import { promotionSchema } from '../outcomes/promotion-schema.js'
import { outcomeHistorySchema } from '../outcomes/schema.js'
import { pageSchema, predictedSchema, predictionSchema } from '../predictions/schema.js'
import { candlePageSchema, coverageSchema, keptCandlesSchema, revisionPageSchema } from '../stored-candles/schema.js'
import { replaySchema, verificationListSchema, verificationSchema } from '../replays/schema.js'
import { seriesPageSchema } from '../series/schema.js'
import { problemSchema } from './problem-schema.js'

/** What answers are made of, by the name that the OpenAPI document gives it. */
const components = {
  Prediction: predictionSchema,
  Predicted: predictedSchema,
  PredictionPage: pageSchema,
  PredictionSeries: seriesPageSchema,
  KeptCandles: keptCandlesSchema,
  CandlePage: candlePageSchema,
  CandleCoverage: coverageSchema,
  RevisionPage: revisionPageSchema,
  Backfill: backfillSchema,
  BackfillList: backfillListSchema,
  BackfillPlan: backfillPlanSchema,
  JobLines: jobNotesSchema,
  Replay: replaySchema,
  Verification: verificationSchema,
  VerificationList: verificationListSchema,
  OutcomeHistory: outcomeHistorySchema,
  Performance: performanceSchema,
  PerformanceBins: performanceBinsSchema,
  Promotion: promotionSchema,
  ComputedFeatures: computedFeaturesSchema,
  StoredFeatures: storedFeaturesSchema,
  FeatureKeys: featureKeysSchema,
  Model: modelSchema,
  ModelList: modelListSchema,
  ModelReload: modelReloadSchema,
  Alive: livezSchema,
  Readiness: readinessSchema,
  Problem: problemSchema,
} as const

export type ComponentName = keyof typeof components

/** A JSON Schema that stands for a component, in the answers of a route. */
export function ref(name: ComponentName): { $ref: string } {
  return { $ref: `${name}#` }
}

/** The answers of a route that failed, for its documentation. */
export function problemResponse(description: string) {
  return { description, content: { 'application/problem+json': { schema: ref('Problem') } } }
}

/** Makes the components known to the OpenAPI document. */
export function addComponents(app: FastifyInstance): void {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(components)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `${id}#`, io: 'output' })
  for (const [$id, { $schema: _, ...schema }] of Object.entries(schemas)) app.addSchema({ ...schema, $id })
}
