import { z } from 'zod'
import { line } from './line.js'
import { activations, type Manifest } from './model.js'

/** What a manifest may say of its model file, and of what is done to the numbers before and behind it. */
export const modelFileFields = {
  file: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'a file name without folders is expected')
    .optional(),
  trained_family: line.optional(),
  feature_names: z.array(line).min(1).max(100_000).optional(),
  input_precision: z.literal('float32').optional(),
  scaling: z
    .strictObject({
      mean: z.array(z.number()).min(1).max(100_000),
      scale: z.array(z.number().gt(0)).min(1).max(100_000),
      clip: z.number().gt(0).optional(),
    })
    .refine(({ mean, scale }) => mean.length === scale.length, 'mean and scale must be of one length')
    .optional(),
  activation: z.enum(activations).optional(),
  onnx: z
    .strictObject({
      input: line.optional(),
      output: line.optional(),
      shape: z.array(z.int().min(1).max(1_000_000)).min(1).max(4).optional(),
    })
    .optional(),
}

/** The same as the service names it. */
export function readModelFile({
  file,
  trained_family,
  feature_names,
  input_precision,
  scaling,
  activation,
  onnx,
}: z.output<z.ZodObject<typeof modelFileFields>>): Pick<
  Manifest,
  'file' | 'trainedFamily' | 'featureNames' | 'inputPrecision' | 'scaling' | 'activation' | 'onnx'
> {
  return {
    file,
    trainedFamily: trained_family,
    featureNames: feature_names,
    inputPrecision: input_precision,
    scaling: scaling && { mean: scaling.mean, scale: scaling.scale, clip: scaling.clip },
    activation,
    onnx: onnx && { input: onnx.input, output: onnx.output, shape: onnx.shape },
  }
}
