import type { JobUpdate, StoredJob } from '../store/job-store.js'
import type { JsonObject } from './job-kind.js'
import type { Job } from './runner.js'

/** A job as it is stored: texts in the place of objects, and one that waits is one that runs. */
export function toStored(job: Job): StoredJob {
  const { kind, request, createdAtMs } = job
  return { ...toUpdate(job), kind, createdAtMs, request: JSON.stringify(request) }
}

/** What is stored anew as a job gets on; its request only once it has ended. */
export function toUpdate({ id, state, request, progress, result, updatedAtMs }: Job): JobUpdate {
  const isUnfinished = state === 'waiting' || state === 'running'
  return {
    id,
    state: isUnfinished ? 'running' : state,
    progress: JSON.stringify(progress),
    result: result && JSON.stringify(result),
    updatedAtMs,
    ...(!isUnfinished && { request: JSON.stringify(request) }),
  }
}

export function toJob({ request, progress, result, ...job }: StoredJob): Job {
  const read = (text: string) => JSON.parse(text) as JsonObject
  return { ...job, request: read(request), progress: read(progress), result: result === null ? null : read(result) }
}
