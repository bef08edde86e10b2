/** What `predict` can be asked for, as in Python's `Booster.predict`. At most one of rawScore, predLeaf and predContrib. */
export interface PredictOptions {
  /** Raw scores: no transform by the objective, no averaging of random forests. */
  rawScore?: boolean
  /** SHAP contributions of the raw score per feature, then the expected value; per class one after the other. */
  predContrib?: boolean
  /** The index of the leaf that each tree ends in. */
  predLeaf?: boolean
  /** First iteration used; default 0. */
  startIteration?: number
  /** Iterations used; default -1: all from startIteration on. As in LightGBM, 0 means all too. */
  numIteration?: number
  /** Stop adding trees to a row once its margin is large enough (binary, multi-class and ranking objectives only). */
  predEarlyStop?: boolean
  /** Iterations between two checks; default 10. */
  predEarlyStopFreq?: number
  /** Margin that is large enough; default 10. */
  predEarlyStopMargin?: number
  /** Where the results go, in place of a new array: Int32Array for predLeaf, otherwise Float64Array; exactly as long as the results. */
  out?: Float64Array | Int32Array
}
