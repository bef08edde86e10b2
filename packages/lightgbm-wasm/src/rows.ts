/** Rows as the caller has them, row-major; float32 values are widened exactly, missing = NaN. */
export type Rows = Float64Array | Float32Array
