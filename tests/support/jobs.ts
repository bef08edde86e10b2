import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/** Begins a job and waits for its end; its answer. */
export async function runJob<Answer extends { id: string; state: string }>(
  app: FastifyInstance,
  path: string,
  payload: object,
): Promise<Answer> {
  const begun = await app.inject({ method: 'POST', url: path, payload })
  if (begun.statusCode !== 202) throw new Error(begun.body)
  return untilEnded<Answer>(app, `${path}/${begun.json<Answer>().id}`)
}

export async function untilEnded<Answer extends { id: string; state: string }>(app: FastifyInstance, url: string): Promise<Answer> {
  for (;;) {
    const job = (await app.inject({ method: 'GET', url })).json<Answer>()
    if (job.state !== 'waiting' && job.state !== 'running') return job
    await setTimeout(10)
  }
}
