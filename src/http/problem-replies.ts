import type { FastifyInstance, FastifyReply, FastifySchema } from 'fastify'
import { Problem, problemBody, problems } from '../errors.js'
import { shorten } from '../shorten.js'
import { discardBody } from './discard-body.js'
import type { RouteMethods } from './route-methods.js'
import { type Limits, toProblem } from './to-problem.js'

/** Every failure leaves as problem+json: what handlers throw, paths that nobody has, methods that a path does not have. */
export function addProblemReplies(app: FastifyInstance, limits: Limits, routeMethods: RouteMethods): void {
  const discardLimits = { maxBytes: 4 * limits.bodyLimitBytes, withinMs: 5_000 }
  app.setErrorHandler(async (error, request, reply) => {
    const problem = toProblem(error, limits, acceptedBy(request.routeOptions.schema))
    // Fastify ends the connection with such an answer; once the body has come, there is no need to.
    if (problem.code === 'too-large' && (await discardBody(request.raw, discardLimits))) reply.removeHeader('connection')
    return sendProblem(reply, problem)
  })

  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url)
    const allowed = routeMethods.allowedOn(path)
    if (allowed.length === 0)
      return sendProblem(reply, new Problem('not-found', `There is nothing at ${shorten(path)}; /docs lists what there is.`))
    reply.header('allow', allowed.join(', '))
    const detail = `${shorten(path)} does not answer to ${request.method}, only to ${allowed.join(', ')}.`
    return sendProblem(reply, new Problem('method-not-allowed', detail, { allowed }))
  })
}

/** The media types that a route's schema has bodies of. */
function acceptedBy(schema: FastifySchema | undefined): string[] {
  return Object.keys((schema?.body as { content?: object } | undefined)?.content ?? {})
}

/** Writes a problem; what is above 499 is logged with its cause, the client gets the code and the request id. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { status } = problems[problem.code]
  if (problem.code === 'internal') reply.log.error({ err: problem.cause ?? problem }, 'request failed')
  else if (status > 499) reply.log.warn({ code: problem.code, detail: problem.message, ...causeOf(problem) }, 'request refused')
  else reply.log.debug({ code: problem.code, detail: problem.message }, 'request refused')
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(problem.retryAfterSeconds))))
  return (
    reply
      .code(status)
      .headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'x-request-id': reply.request.id })
      // As bytes: to the type of a text Fastify would add a charset, which JSON does not have.
      .send(Buffer.from(JSON.stringify(problemBody(problem, reply.request.id))))
  )
}

/** Without one there is nothing to look up, and the stack of the problem itself says nothing. */
function causeOf({ cause }: Problem): { err?: unknown } {
  return cause === undefined ? {} : { err: cause }
}

export function pathOf(url: string): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}
