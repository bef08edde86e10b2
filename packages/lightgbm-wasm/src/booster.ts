import { breather } from './breather.js'
import { compileEngine } from './compile-engine.js'
import { encodeText } from './encode-text.js'
import type { Scoring } from './engine.js'
import type { FeatureInfo } from './feature-info.js'
import { featureMissing, type FeatureMissing } from './feature-missing.js'
import { loadModel, type Model } from './load-model.js'
import { checkOptions, type CheckedOptions } from './check-options.js'
import type { PredictOptions } from './predict-options.js'
import type { Rows } from './rows.js'

/**
 * A LightGBM model, as Python's `lightgbm.Booster` after `Booster(model_file=…)`.
 * Raw scores, leaves and contributions have the bits of LightGBM's C API on a dense float64 matrix; outputs are within 4 ulp.
 */
export class Booster {
  #model: Model | undefined
  // Filled again by every call: calls with `out` make no garbage.
  readonly #checked: CheckedOptions = { output: 'prediction', first: 0, iterations: 0, frequency: 0, margin: 0 }
  readonly #scoring: { -readonly [K in keyof Scoring]: Scoring[K] }

  private constructor(model: Model) {
    this.#model = model
    const { parameter } = model.header.transform
    this.#scoring = { first: 0, iterations: 0, transform: 0, parameter, divideBy: 1, frequency: 0, margin: 0 }
  }

  /**
   * Reads a text model (`save_model`), file versions v2, v3 and v4.
   * @param source the file's bytes, not changed before the promise settles; or its text
   * @throws ModelFormatError when it is no model that can be scored
   */
  static async load(source: Uint8Array | string): Promise<Booster> {
    if (typeof source !== 'string' && !(source instanceof Uint8Array)) {
      throw new TypeError('Booster.load: expected a Uint8Array or a string with the text of a model')
    }
    const pause = breather()
    const bytes = typeof source === 'string' ? await encodeText(source, pause) : source
    return new Booster(await loadModel(await compileEngine(), bytes, pause))
  }

  /** Names of the features, in the order of a row's columns. */
  featureName(): string[] {
    return [...this.#loaded().header.featureNames]
  }

  /** The same under its Python name. */
  feature_name(): string[] {
    return this.featureName()
  }

  /** Columns of a row. */
  numFeature(): number {
    return this.#loaded().header.featureNames.length
  }

  numTrees(): number {
    return this.#loaded().engine.treeCount()
  }

  /** Trees per iteration: 1, or the number of classes. */
  numModelPerIteration(): number {
    return this.#loaded().header.treesPerIteration
  }

  /** Iterations that the model holds. */
  currentIteration(): number {
    return this.numTrees() / this.numModelPerIteration()
  }

  /**
   * How often a feature was split on, or the gain that its splits brought in all.
   * @returns [numFeature], the caller's own
   */
  featureImportance(type: 'split' | 'gain' = 'split'): Float64Array {
    const importances = this.#loaded().engine.importances()
    const half = importances.length / 2
    if (type === 'split') return importances.slice(0, half)
    if (type === 'gain') return importances.slice(half)
    throw new TypeError(`featureImportance: expected 'split' or 'gain', got ${String(type)}`)
  }

  /** What the training data held in each feature: novelty of a row is what lies outside. */
  featureInfo(): FeatureInfo[] {
    return [...this.#loaded().header.featureInfos]
  }

  /** Per feature what its splits take for missing. */
  featureMissing(): FeatureMissing[] {
    return Array.from(this.#loaded().engine.kinds(), featureMissing)
  }

  /** As in the file: 'binary sigmoid:1'; '' when there is none. */
  get objective(): string {
    return this.#loaded().header.objective
  }

  /**
   * Labels of pandas categorical columns, from the file's last line; null when there are none. A row holds the labels' indices.
   * As JSON.parse gives them, but for NaN, Infinity and -Infinity, which Python writes too, and for whole numbers beyond 2^53: bigint.
   */
  get pandasCategorical(): readonly (readonly unknown[])[] | null {
    return this.#loaded().trailer.pandasCategorical
  }

  /** Bytes that the model takes in WebAssembly memory. */
  get memoryBytes(): number {
    return this.#loaded().engine.memoryBytes()
  }

  /**
   * Scores rows.
   * @param rows row-major [nRows × numFeature], float64 (or float32, widened), missing = NaN
   * @returns row-major [nRows × outputs] (Float64Array); with predLeaf [nRows × trees] (Int32Array); with predContrib
   *   [nRows × outputs · (numFeature + 1)] (Float64Array). The caller's own: a new array, or `out`.
   * @throws RangeError when the rows do not fit the model, or the host has no memory left for them; TypeError for wrong arguments
   */
  predict(rows: Rows, options: PredictOptions & { predLeaf: true }): Int32Array
  predict(rows: Rows, options?: PredictOptions & { predLeaf?: false }): Float64Array
  predict(rows: Rows, options?: PredictOptions): Float64Array | Int32Array
  predict(rows: Rows, options: PredictOptions = {}): Float64Array | Int32Array {
    const { header, engine, trailer } = this.#loaded()
    const numFeatures = header.featureNames.length
    const nRows = countRows(rows, numFeatures)
    const { treesPerIteration } = header
    const checked = this.#checked
    const given = checkOptions(options, engine.treeCount() / treesPerIteration, checked)
    const { first, iterations } = checked
    if (checked.output === 'leaf') {
      const out = outputArray(Int32Array, given, nRows * iterations * treesPerIteration)
      engine.leafIndices(rows, nRows, first, iterations, out)
      return out
    }
    if (checked.output === 'contrib') {
      if (trailer.linearTree || engine.hasLinearTrees()) {
        throw new Error('predict: contributions are not defined for linear trees (LightGBM refuses them too)')
      }
      const out = outputArray(Float64Array, given, nRows * treesPerIteration * (numFeatures + 1))
      engine.contributions(rows, nRows, first, iterations, out)
      return out
    }
    const out = outputArray(Float64Array, given, nRows * treesPerIteration)
    fillScoring(this.#scoring, checked, header)
    engine.score(rows, nRows, this.#scoring, out)
    return out
  }

  /** Gives the model's memory back. Every later call throws; a second dispose does nothing. */
  dispose(): void {
    this.#model = undefined
  }

  #loaded(): Model {
    if (this.#model === undefined) throw new Error('This Booster was disposed of and cannot be used any more')
    return this.#model
  }
}

function countRows(rows: unknown, numFeatures: number): number {
  if (!(rows instanceof Float64Array || rows instanceof Float32Array)) {
    throw new TypeError('predict: expected the rows as one Float64Array (or Float32Array), row-major [nRows × numFeature]')
  }
  const nRows = rows.length / numFeatures
  if (!Number.isInteger(nRows)) {
    throw new RangeError(`predict: expected a multiple of ${numFeatures} values (${numFeatures} features per row), got ${rows.length}`)
  }
  return nRows
}

function outputArray<T extends Float64Array | Int32Array>(type: new (length: number) => T, given: unknown, length: number): T {
  if (given === undefined) return new type(length)
  if (!(given instanceof type))
    throw new TypeError(`predict: expected out to be ${type === (Int32Array as unknown) ? 'an Int32Array' : 'a Float64Array'}`)
  if (given.length !== length) throw new RangeError(`predict: expected out of length ${length}, got ${given.length}`)
  return given
}

function fillScoring(
  scoring: { -readonly [K in keyof Scoring]: Scoring[K] },
  { first, iterations, output, frequency, margin }: CheckedOptions,
  { transform, averageOutput }: Model['header'],
): void {
  const raw = output === 'raw'
  scoring.first = first
  scoring.iterations = iterations
  scoring.transform = raw ? 0 : transform.transform
  scoring.divideBy = averageOutput && !raw ? iterations : 1
  scoring.frequency = transform.mayStopEarly ? frequency : 0
  scoring.margin = margin
}
