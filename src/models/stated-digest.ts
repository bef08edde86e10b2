import { z } from 'zod'

/** SHA-256 of a model's file, as manifests state it; hex, in lower case from here on. */
export const statedDigest = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, '64 hexadecimal digits are expected')
  .toLowerCase()
