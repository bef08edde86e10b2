import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/** Without a request this long, whatever was on its way has arrived. */
const quietMs = 100
/** A service that is never quiet closes all the same after this. */
const drainWithinMs = 3_000
/** Connections that still send or read slowly after this are cut. */
const cutAfterMs = 10_000

/**
 * Before the server stops listening, answers what clients had sent by then: a connection that was just accepted, or still waits to be,
 * would be reset. Every answer meanwhile ends its connection.
 * @returns `isClosing`: true from the moment in which closing was asked for
 */
export function drainBeforeClose(app: FastifyInstance): { isClosing: () => boolean } {
  let inFlight = 0
  let lastArrivalMs = 0
  let isClosing = false

  app.addHook('onRequest', (_request, reply, done) => {
    inFlight++
    lastArrivalMs = Date.now()
    // Not onResponse: a client that goes away in the middle of its body gets no answer.
    reply.raw.once('close', () => inFlight--)
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('preClose', async () => {
    isClosing = true
    const deadlineMs = Date.now() + drainWithinMs
    do await setTimeout(20)
    while (Date.now() < deadlineMs && (inFlight > 0 || Date.now() - lastArrivalMs < quietMs))
    void setTimeout(cutAfterMs, undefined, { ref: false }).then(() => app.server.closeAllConnections())
  })
  return { isClosing: () => isClosing }
}
