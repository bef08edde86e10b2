import { instantiate } from './compile-engine.js'
import { complaint } from './complaint.js'
import { resultViews } from './result-views.js'
import type { Rows } from './rows.js'
import { watchForSecondRow } from './second-row.js'
import { makeTables } from './tables.js'

/** What assembly/main.ts exports. */
interface Exports {
  readonly memory: WebAssembly.Memory
  start(features: number, perIteration: number, trees: number, leaves: number): void
  tablesAddress(): number
  windowAddress(): number
  readTrees(length: number, remaining: number): number
  treesEnded(): number
  lineOfTrees(): number
  prepare(budget: number): number
  touchedBytes(): number
  touchTables(): number
  treeCount(): number
  anyLinearTree(): number
  importancesAddress(): number
  kindsAddress(): number
  reserve(rowBytes: number, resultBytes: number): number
  resultsAddress(): number
  score(
    count: number,
    first: number,
    iterations: number,
    transform: number,
    parameter: number,
    divideBy: number,
    frequency: number,
    margin: number,
  ): void
  leafIndices(count: number, first: number, iterations: number): void
  contributionRows(): number
  startContributions(rows: number): void
  takeRow(index: number): void
  contribute(first: number, iterations: number): void
  contributionsOf(index: number): void
}

/** Which iterations, and what becomes of their sum. */
export interface Scoring {
  readonly first: number
  readonly iterations: number
  readonly transform: number
  readonly parameter: number
  readonly divideBy: number
  /** Iterations between two checks of the early stop; 0: none. */
  readonly frequency: number
  readonly margin: number
}

/** What is known before the trees are read. */
export interface Shape {
  readonly numFeatures: number
  readonly treesPerIteration: number
  /** Line of the file, from 1, on which the trees start. */
  readonly treesLine: number
  /** How many trees and leaves there seem to be, or 0: room is made for them. */
  readonly trees: number
  readonly leaves: number
}

const WINDOW = 16384
// Once, not per model: it takes as long as reading a quarter of a megabyte.
const tableBytes = makeTables()
const PREPARE_BUDGET = 100_000
const MOST_ROWS = 128
const MOST_ROW_BYTES = 1 << 21
// Smaller tables are back in the caches after a few rows, larger ones do not fit into a second-level cache.
const LEAST_TOUCHED_BYTES = 1 << 18
const MOST_TOUCHED_BYTES = 1 << 21

export type Engine = Awaited<ReturnType<typeof openEngine>>

/**
 * One model in one WebAssembly memory. This file alone sees that memory: views are rebuilt when it has grown, and nothing waits
 * between writing rows and reading results.
 */
export async function openEngine(module: WebAssembly.Module, shape: Shape) {
  const { numFeatures, treesPerIteration, treesLine, trees, leaves } = shape
  const instance = await instantiate(module, {
    host: {
      fail(kind = 0, field = 0, found = 0, expected = 0, line = 0): void {
        throw complaint(kind, field, found, expected, line + treesLine, loaded)
      },
      parseNumber(address = 0, length = 0): number {
        return Number(String.fromCharCode(...bytes().subarray(address, address + length)))
      },
    },
  })
  const wasm = instance.exports as unknown as Exports
  let byteView = new Uint8Array(wasm.memory.buffer)
  let doubleView = new Float64Array(wasm.memory.buffer)
  let reservedRows = 0
  let reservedResults = 0
  let rowsAt = 0
  let resultsAt = 0
  let loaded = false
  let mayTouch = false
  const isSecondRow = watchForSecondRow()
  const doubleResults = resultViews((address, length) => new Float64Array(wasm.memory.buffer, address, length))
  const wholeResults = resultViews((address, length) => new Int32Array(wasm.memory.buffer, address, length))
  byteView.set(tableBytes, wasm.tablesAddress())
  wasm.start(numFeatures, treesPerIteration, trees, leaves)

  return {
    /** Reads trees from `from` on; returns how far it came, and whether the trees are over. One call takes well below a millisecond. */
    readTrees(file: Uint8Array, from: number): { next: number; ended: boolean } {
      const end = Math.min(from + WINDOW, file.length)
      const window = wasm.windowAddress()
      bytes().set(file.subarray(from, end), window)
      const used = wasm.readTrees(end - from, file.length - end)
      return { next: from + used, ended: wasm.treesEnded() !== 0 }
    },
    /** Line of the file, from 1, that reading has come to. */
    line: () => wasm.lineOfTrees() + treesLine,
    treeCount: () => wasm.treeCount(),
    hasLinearTrees: () => wasm.anyLinearTree() !== 0,
    /** Builds the tables further; true when rows can be scored. One call takes about a millisecond. */
    prepare(): boolean {
      if (wasm.prepare(PREPARE_BUDGET) === 0) return false
      loaded = true
      const touched = wasm.touchedBytes()
      mayTouch = touched >= LEAST_TOUCHED_BYTES && touched <= MOST_TOUCHED_BYTES
      return true
    },
    /** Splits per feature, then gains per feature. A copy. */
    importances(): Float64Array {
      const at = wasm.importancesAddress() / 8
      return doubles().slice(at, at + 2 * numFeatures)
    },
    /** Bits of the kinds of conditions per feature. A copy. */
    kinds(): Uint8Array {
      const at = wasm.kindsAddress()
      return bytes().slice(at, at + numFeatures)
    },
    /** Row-major [nRows × treesPerIteration] to `out`. */
    score(rows: Rows, nRows: number, scoring: Scoring, out: Float64Array): void {
      const { first, iterations, transform, parameter, divideBy, frequency, margin } = scoring
      if (nRows === 1) {
        // The same with less around it.
        reserve(1, treesPerIteration * 8)
        copyRow(rows, 0)
        if (mayTouch && isSecondRow()) wasm.touchTables()
        wasm.score(1, first, iterations, transform, parameter, divideBy, frequency, margin)
        copyDoubles(out, 0, treesPerIteration)
        return
      }
      const most = reserveBlock(nRows, treesPerIteration * 8)
      for (let done = 0; done < nRows; done += most) {
        const count = Math.min(most, nRows - done)
        copyRows(rows, done, count)
        wasm.score(count, first, iterations, transform, parameter, divideBy, frequency, margin)
        copyDoubles(out, done * treesPerIteration, count * treesPerIteration)
      }
    },
    /** Row-major [nRows × iterations · treesPerIteration] to `out`. */
    leafIndices(rows: Rows, nRows: number, first: number, iterations: number, out: Int32Array): void {
      const width = iterations * treesPerIteration
      const most = reserveBlock(nRows, width * 4)
      for (let done = 0; done < nRows; done += most) {
        const count = Math.min(most, nRows - done)
        copyRows(rows, done, count)
        wasm.leafIndices(count, first, iterations)
        out.set(wholeResults(resultsAt, count * width), done * width)
      }
    },
    /** Row-major [nRows × treesPerIteration · (numFeatures + 1)] to `out`. */
    contributions(rows: Rows, nRows: number, first: number, iterations: number, out: Float64Array): void {
      const width = treesPerIteration * (numFeatures + 1)
      reserve(1, width * 8)
      const most = wasm.contributionRows()
      for (let done = 0; done < nRows; done += most) {
        const count = Math.min(most, nRows - done)
        wasm.startContributions(count)
        for (let i = 0; i < count; i++) {
          copyRow(rows, done + i)
          wasm.takeRow(i)
        }
        wasm.contribute(first, iterations)
        for (let i = 0; i < count; i++) {
          wasm.contributionsOf(i)
          copyDoubles(out, (done + i) * width, width)
        }
      }
    },
    /** Bytes of WebAssembly memory that the model takes. */
    memoryBytes: () => wasm.memory.buffer.byteLength,
  }

  /** Room for a block of rows and their results; how many rows a block has. */
  function reserveBlock(nRows: number, resultBytes: number): number {
    const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_ROW_BYTES / Math.max(numFeatures * 8, resultBytes))))
    const rows = Math.min(most, nRows)
    reserve(rows, rows * resultBytes)
    return most
  }

  function reserve(nRows: number, resultBytes: number): void {
    const rowBytes = nRows * numFeatures * 8
    if (rowBytes <= reservedRows && resultBytes <= reservedResults) return
    const rowRoom = Math.max(reservedRows, rowBytes)
    const resultRoom = Math.max(reservedResults, resultBytes)
    // When there is no memory for the results, the rows may have moved already.
    reservedRows = reservedResults = 0
    rowsAt = wasm.reserve(rowBytes, resultBytes)
    resultsAt = wasm.resultsAddress()
    reservedRows = rowRoom
    reservedResults = resultRoom
  }

  /** Without a view, which would be garbage, unless the row is long. */
  function copyRow(rows: Rows, index: number): void {
    const view = doubles()
    const to = rowsAt / 8
    const from = index * numFeatures
    if (numFeatures <= 256) for (let i = 0; i < numFeatures; i++) view[to + i] = rows[from + i] as number
    else copyRows(rows, index, 1)
  }

  function copyRows(rows: Rows, first: number, count: number): void {
    const from = first * numFeatures
    const part = count * numFeatures === rows.length ? rows : rows.subarray(from, from + count * numFeatures)
    doubles().set(part, rowsAt / 8)
  }

  function copyDoubles(out: Float64Array, at: number, length: number): void {
    if (length > 16) {
      out.set(doubleResults(resultsAt, length), at)
      return
    }
    const view = doubles()
    const from = resultsAt / 8
    for (let i = 0; i < length; i++) out[at + i] = view[from + i] as number
  }

  function bytes(): Uint8Array {
    if (byteView.length === 0) byteView = new Uint8Array(wasm.memory.buffer)
    return byteView
  }

  function doubles(): Float64Array {
    if (doubleView.length === 0) doubleView = new Float64Array(wasm.memory.buffer)
    return doubleView
  }
}
