import { z } from 'zod'

/** A short text of one line, as manifests hold them. */
export const line = z
  .string()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, 'holds control characters')
