import { breather, type Breather } from './breather.js'
import { countLeaves } from './count-leaves.js'
import { openEngine, type Engine } from './engine.js'
import { parseHeader, type Header } from './header.js'
import { startsWith } from './lines.js'
import { ModelFormatError } from './model-format-error.js'
import { parseTrailer, type Trailer } from './trailer.js'

/** A model that is ready to score. */
export interface Model {
  readonly header: Header
  readonly trailer: Trailer
  readonly engine: Engine
}

/**
 * Reads a text model. The event loop runs in between: no step takes longer than a few milliseconds.
 * @param bytes read in pieces until the promise settles; must not change meanwhile
 * @param pause started before the module was compiled, as the first load does
 */
export async function loadModel(module: WebAssembly.Module, bytes: Uint8Array, pause: Breather = breather()): Promise<Model> {
  if (pause.due()) await pause.breathe()
  const header = await parseHeader(bytes, pause)
  const { treesPerIteration, treesLine, treesStart, treeSizes } = header
  if (pause.due()) await pause.breathe()
  const leaves = await countLeaves(bytes, treesStart, treeSizes, pause)
  const trees = leaves > 0 ? treeSizes.length : 0
  if (pause.due()) await pause.breathe()
  const engine = await openEngine(module, { numFeatures: header.featureNames.length, treesPerIteration, treesLine, trees, leaves })
  if (pause.due()) await pause.breathe()
  let at = treesStart
  for (let ended = false; !ended && at < bytes.length;) {
    const read = engine.readTrees(bytes, at)
    at = read.next
    ended = read.ended
    if (pause.due()) await pause.breathe()
  }
  if (engine.treeCount() === 0 && !startsWith(bytes, { start: at, end: bytes.length }, 'end of trees')) {
    throw new ModelFormatError('truncated', engine.line(), 'expected trees, or "end of trees": the file ends before')
  }
  checkTreeCount(header, engine)
  while (!engine.prepare()) if (pause.due()) await pause.breathe()
  return { header, engine, trailer: await parseTrailer(bytes, at, engine.line(), pause) }
}

function checkTreeCount({ treeCount, treesPerIteration }: Header, engine: Engine): void {
  const trees = engine.treeCount()
  if (treeCount !== undefined && trees !== treeCount) {
    throw new ModelFormatError('truncated', engine.line(), `expected ${treeCount} trees as tree_sizes says, found ${trees}`)
  }
  if (trees % treesPerIteration !== 0) {
    throw new ModelFormatError('wrong-count', engine.line(), `expected ${treesPerIteration} trees per iteration, found ${trees} trees`)
  }
}
