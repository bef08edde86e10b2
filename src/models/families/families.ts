import type { Family } from './family.js'
import { lightgbm } from './lightgbm.js'
import { onnx } from './onnx.js'
import { xgboost } from './xgboost.js'

/** Every family that a manifest can name. */
export const families: readonly Family[] = [lightgbm, xgboost, onnx]
