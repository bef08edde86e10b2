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
 */
export function drainBeforeClose(app: FastifyInstance): void {
  let inFlight = 0
  let lastArrivalMs = 0
  let isClosing = false

  app.addHook('onRequest', (_request, _reply, done) => {
    inFlight++
    lastArrivalMs = Date.now()
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onResponse', (_request, _reply, done) => {
    inFlight--
    done()
  })
  app.addHook('preClose', async () => {
    isClosing = true
    const deadlineMs = Date.now() + drainWithinMs
    do await setTimeout(20)
    while (Date.now() < deadlineMs && (inFlight > 0 || Date.now() - lastArrivalMs < quietMs))
    void setTimeout(cutAfterMs, undefined, { ref: false }).then(() => app.server.closeAllConnections())
  })
}
