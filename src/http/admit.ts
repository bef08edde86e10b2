import type { onRequestHookHandler } from 'fastify'
import type { Admission } from './admission.js'

/** Lets requests of a route in until their answer is over, or refuses them with `overloaded` before their body is read. */
export function admit(admission: Admission): onRequestHookHandler {
  return (request, reply, done) => {
    // A body of unknown length counts as 1 MB: ten times that of an ordinary frame.
    const leave = admission.enter(Number(request.headers['content-length'] ?? 1024 ** 2))
    reply.raw.once('close', leave)
    done()
  }
}
