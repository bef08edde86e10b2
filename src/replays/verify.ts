import type { JobContext, JobKind, JsonObject } from '../jobs/job-kind.js'
import type { Registry } from '../models/registry.js'
import { untilLoaded } from '../models/until-loaded.js'
import type { Place, Store, StoredPrediction } from '../store/store.js'
import type { Replayer } from './replayer.js'
import type { ReplayResult, Verdict } from './verdict.js'
import { emptyCounts, type VerificationFilter } from './verification-filter.js'

export interface VerifyParts {
  readonly registry: Pick<Registry, 'loaded'>
  readonly store: Pick<Store, 'list' | 'sample'>
  readonly replayer: Pick<Replayer, 'replayAll'>
  readonly nowMs: () => number
  readonly count?: (result: ReplayResult) => void
}

/** Predictions that are in memory at a time, some 2 MB. */
const rowsAtOnce = 1_000
const mostExamples = 100

/** Replays stored predictions, oldest bar first, and counts what came of it. Nothing is written. */
export function createVerify({ registry, store, replayer, nowMs, count = ignore }: VerifyParts): JobKind {
  return { name: 'verification', run }

  async function run(request: unknown, context: JobContext): Promise<JsonObject> {
    const filter = request as VerificationFilter
    await untilLoaded(registry, context.signal)
    const startedMs = nowMs()
    const counts: Record<keyof typeof emptyCounts, number> = { ...emptyCounts }
    const reasons: Record<string, number> = {}
    const different: JsonObject[] = []
    const impossible: JsonObject[] = []

    const { sample, ...query } = filter
    if (sample === undefined) {
      for await (const page of pages(query, context)) {
        counts.found += page.length
        await check(page)
      }
    } else {
      const { found, rows: drawn } = await store.sample({ ...query, limit: sample })
      counts.found = found
      for (let at = 0; at < drawn.length; at += rowsAtOnce) await check(drawn.slice(at, at + rowsAtOnce))
    }
    const { found: _, ...rest } = counts
    return { ...rest, reasons, first_different: different, first_impossible: impossible, seconds: (nowMs() - startedMs) / 1000 }

    async function check(page: readonly StoredPrediction[]): Promise<void> {
      for (const verdict of await replayer.replayAll(page, context.signal)) add(verdict)
      context.progress({ ...counts })
    }

    function add({ prediction: { id }, result, reason, detail, differs }: Verdict): void {
      counts.checked++
      counts[result]++
      count(result)
      if (reason !== null) reasons[reason] = (reasons[reason] ?? 0) + 1
      if (result === 'different' && different.length < mostExamples) different.push({ id, differs, detail })
      if (result === 'impossible' && impossible.length < mostExamples) impossible.push({ id, reason, detail })
    }
  }

  async function* pages(filter: Omit<VerificationFilter, 'sample'>, { signal }: JobContext): AsyncIterable<readonly StoredPrediction[]> {
    let after: Place | undefined
    for (;;) {
      signal.throwIfAborted()
      const page = await store.list({ ...filter, order: 'asc', history: true, limit: rowsAtOnce, ...(after && { after }) })
      if (page.length > 0) yield page
      if (page.length < rowsAtOnce) return
      after = page.at(-1)
    }
  }
}

function ignore(): void {}
