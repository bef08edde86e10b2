import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { livezSchema, readinessSchema } from '../health/schema.js'
import { modelListSchema, modelSchema } from '../model-listing/schema.js'
import { pageSchema, predictedSchema, predictionSchema } from '../predictions/schema.js'
import { problemSchema } from './problem-schema.js'

/** What answers are made of, by the name that the OpenAPI document gives it. */
const components = {
  Prediction: predictionSchema,
  Predicted: predictedSchema,
  PredictionPage: pageSchema,
  Model: modelSchema,
  ModelList: modelListSchema,
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
