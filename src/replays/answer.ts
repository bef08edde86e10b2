import { resultOf, toJobAnswer } from '../jobs/answer.js'
import type { Job } from '../jobs/runner.js'
import type { Registry } from '../models/registry.js'
import { toScore } from '../predictions/answer.js'
import type { ReplayAnswer, VerificationAnswer } from './schema.js'
import type { FeatureDifference, Part, Verdict } from './verdict.js'
import { emptyCounts, type VerificationFilter } from './verification-filter.js'

/** A verdict as it is answered. */
export function toReplayAnswer(verdict: Verdict, registry: Pick<Registry, 'entry'>): ReplayAnswer {
  const { prediction, result, reason, detail, differs, recomputed, feature } = verdict
  const pairOf = <T>(part: Part, of: (row: NonNullable<Verdict['recomputed']>) => T) =>
    recomputed !== undefined && differs.includes(part) ? { stored: of(prediction), recomputed: of(recomputed) } : null
  return {
    id: prediction.id,
    result,
    reason,
    detail,
    differs: [...differs],
    first_different_feature: feature && toFeatureAnswer(feature),
    input_hash: pairOf('input_hash', (row) => row.inputHash),
    features_hash: pairOf('features_hash', (row) => row.featuresHash),
    y_raw: pairOf('y_raw', (row) => toScore(row.yRaw)),
    y_pred: pairOf('y_pred', (row) => toScore(row.yPred)),
    versions: versionsOf(verdict, registry),
  }
}

function toFeatureAnswer({ name, stored, recomputed, featureKey }: FeatureDifference): ReplayAnswer['first_different_feature'] {
  const number = (value: number) => (Number.isFinite(value) ? value : null)
  return {
    name,
    stored: number(stored),
    recomputed: number(recomputed),
    stored_bits: bitsOf(stored),
    recomputed_bits: bitsOf(recomputed),
    feature_key: featureKey,
  }
}

function bitsOf(value: number): string {
  const bytes = new DataView(new ArrayBuffer(8))
  bytes.setFloat64(0, value)
  return bytes.getBigUint64(0).toString(16).padStart(16, '0')
}

function versionsOf({ prediction }: Verdict, registry: Pick<Registry, 'entry'>): ReplayAnswer['versions'] {
  const entry = registry.entry(prediction.model)
  const model = entry?.state === 'served' ? entry.model : undefined
  return {
    catalogue: {
      then: `${prediction.catalogue} ${prediction.catalogueVersion}`,
      now: model === undefined ? null : `${model.manifest.features.catalogue} ${model.catalogueVersion}`,
    },
    scorer: { then: prediction.scorerVersion, now: model === undefined ? null : model.scorer },
    model_version: { then: prediction.modelVersion, now: model?.manifest.version ?? null },
    model_sha256: { then: prediction.modelSha256, now: model?.sha256 ?? null },
  }
}

/** A verification job as it is answered. */
export function toVerificationAnswer(job: Job): VerificationAnswer {
  const { model, symbol, timeframe, fromMs, toMs, sample } = job.request as unknown as VerificationFilter
  return {
    ...toJobAnswer(job),
    filter: {
      model: model ?? null,
      symbol: symbol ?? null,
      timeframe: timeframe ?? null,
      from: fromMs === undefined ? null : new Date(fromMs).toISOString(),
      to: toMs === undefined ? null : new Date(toMs).toISOString(),
      sample: sample ?? null,
    },
    progress: { ...emptyCounts, ...(job.progress as Partial<VerificationAnswer['progress']>) },
    result: resultOf(job) as VerificationAnswer['result'],
  }
}
