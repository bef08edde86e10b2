import type { Refusal, ToldManifest } from './model.js'

/** Why a bundle is not served. `detail`: one sentence, what is wrong, where, what to do; `extras`: snake_case JSON. */
export class Refused extends Error {
  override readonly name = 'Refused'
  /** What is known of the model all the same. */
  manifest: ToldManifest | undefined

  constructor(
    readonly reason: Refusal,
    detail: string,
    readonly extras: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }

  /** The same, of a model that says this of itself. */
  of(manifest: ToldManifest): this {
    this.manifest = manifest
    return this
  }
}
