import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import { Problem, problemBody, problems } from '../errors.js'

/**
 * Answers what is not HTTP, before there is a request: problem+json on the bare socket, then the connection is closed.
 * @param error what Node's parser says
 */
export function answerMalformed(error: Error & { code?: string }, socket: Socket, log: FastifyBaseLogger): void {
  // Nobody is left to answer, or an answer is under way.
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const problem = problemOf(error.code)
  const requestId = randomUUID()
  log.info({ request_id: requestId, reason: error.code }, 'malformed request')
  const body = JSON.stringify(problemBody(problem, requestId))
  const { status, title } = problems[problem.code]
  const head = [`HTTP/1.1 ${status} ${title}`, 'content-type: application/problem+json', `content-length: ${Buffer.byteLength(body)}`]
  socket.end(`${[...head, `x-request-id: ${requestId}`, 'connection: close'].join('\r\n')}\r\n\r\n${body}`)
}

function problemOf(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return new Problem('too-large', 'The headers of the request are larger than 16 KB.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem('invalid-request', 'The request did not arrive in time.')
  return new Problem('invalid-request', 'This is not a well-formed HTTP/1.1 request.')
}
