import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Keeps the process small; call it before anything large is loaded. A request leaves some 200 kB in array buffers (body, columns, hashed
 * bytes) for 30 kB on the heap, and V8 frees both only when the heap asks for it: young garbage may be 1 MB instead of growing to 16, so
 * that the buffers of a few dozen requests wait and not those of hundreds. After the start 123 instead of 143 MB are resident.
 */
export function limitYoungHeap(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/**
 * Old garbage is collected when the heap grew by a fifth and not when it doubled; call it when everything is loaded, because the start takes
 * 30 ms longer with it. A limit counts from the collection before it, so there is one now (25 ms): without it the heap grew to 90 MB under load before
 * the first one, of which 32 were in use, and the process took 250 instead of 197 MB at most.
 */
export function limitOldHeap(): void {
  setFlagsFromString('--heap-growing-percent=20')
  setFlagsFromString('--expose-gc')
  // The only way to it when the flag was not there from the beginning.
  const collect = runInNewContext('gc') as () => void
  collect()
}

/**
 * DuckDB's allocator (jemalloc) gives back what it no longer uses at once, and all threads share one pool: by itself it keeps what was freed for a second, in two
 * pools, which is 14 MB after a few thousand predictions. It reads its options when the library is loaded, so call this before. Only builds for Linux
 * have this allocator; elsewhere it changes nothing. Options that the environment already has stay as they are.
 * @param env the process's own
 */
export function limitDatabaseAllocator(env: NodeJS.ProcessEnv): void {
  env['DUCKDB_JE_MALLOC_CONF'] ??= 'narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0'
}
