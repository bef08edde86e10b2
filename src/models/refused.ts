import type { Refusal } from './model.js'

/** Why a bundle is not served. `detail`: one sentence, what is wrong, where, what to do; `extras`: snake_case JSON. */
export class Refused extends Error {
  override readonly name = 'Refused'

  constructor(
    readonly reason: Refusal,
    detail: string,
    readonly extras: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }
}
