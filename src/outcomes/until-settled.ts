import { setTimeout as delay } from 'node:timers/promises'
import type { Settler } from './settler.js'

/** What was committed before the request is settled before the answer, unless that takes longer. */
const waitMs = 2_000

/** Waits for the settler; when it fails or takes long, the answer tells what is settled so far. Never rejects. */
export async function untilSettled(settler: Pick<Settler, 'idle'>): Promise<void> {
  const ended = new AbortController()
  const waited = delay(waitMs, undefined, { signal: ended.signal, ref: false }).catch(() => undefined)
  await Promise.race([settler.idle().catch(() => undefined), waited])
  ended.abort()
}
