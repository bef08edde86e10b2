import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../errors.js'
import type { Catalogue } from '../features/catalogue.js'
import { problemResponse, ref } from '../http/components.js'
import type { Registry } from '../models/registry.js'
import { nearestName } from '../nearest-name.js'
import { shorten } from '../shorten.js'
import { toModelAnswer } from './answer.js'
import { reloadRoute } from './reload-route.js'

/** GET /models, GET /models/:name and POST /models/reload: what there is, in which state, and how to ask it. */
export function modelRoutes(app: FastifyInstance, parts: { registry: Registry; catalogues: readonly Catalogue[] }): void {
  const { registry, catalogues } = parts
  const tags = ['models']
  reloadRoute(app, { registry })

  app.get(
    '/models',
    {
      schema: {
        operationId: 'listModels',
        summary: 'Every model',
        description: 'Also those that are loading, and those that were refused, with the reason.',
        tags,
        querystring: z.strictObject({}),
        response: { 200: { description: 'The models.', ...ref('ModelList') }, '4xx': problemResponse('The request is not valid.') },
      },
    },
    () => ({ models: registry.entries().map((entry) => toModelAnswer(entry, catalogues, false)) }),
  )

  app.withTypeProvider<ZodTypeProvider>().get(
    '/models/:name',
    {
      schema: {
        operationId: 'getModel',
        summary: 'One model',
        description: 'With the names of its features and a request that works as it stands.',
        tags,
        querystring: z.strictObject({}),
        params: z.strictObject({ name: z.string().describe("Name of the model's folder.") }),
        response: { 200: { description: 'The model.', ...ref('Model') }, '4xx': problemResponse('There is no such model.') },
      },
    },
    (request) => {
      const { name } = request.params
      if (name === '') throw new Problem('not-found', 'There is nothing at /models/; GET /models lists the models.')
      const entry = registry.entry(name)
      if (entry !== undefined) return toModelAnswer(entry, catalogues, true)
      const nearest = nearestName(
        name,
        registry.entries().map((each) => each.name),
      )
      throw new Problem(
        'unknown-model',
        `There is no model ${shorten(name)}${nearest === null ? '; GET /models lists them' : `; did you mean ${nearest}?`}`,
        {
          nearest,
        },
      )
    },
  )
}
