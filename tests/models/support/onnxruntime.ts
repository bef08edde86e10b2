/** Why tests that need the optional runtime cannot run here; false when they can. */
export const noOnnxruntime: string | false = await import('onnxruntime-node').then(
  () => false as const,
  () => 'onnxruntime-node is an optional package and not installed',
)
