import { Counter, Gauge, type Registry as Metrics } from 'prom-client'
import type { Registry } from '../models/registry.js'
import { mlLayer1Models } from './ml-layer-1-models.js'

/**
 * What ML layer 1 counts, as metrics of its names, each derived from ours when they are read: nothing is counted twice.
 * @param metrics where predictions_total and predict_stage_seconds are registered
 */
export function mlLayer1Metrics(metrics: Metrics, registry: Pick<Registry, 'entries'>): void {
  const registers = [metrics]
  const models = () => mlLayer1Models(registry)
  new Gauge({
    name: 'ml_ready',
    help: 'ML layer 1: 1 when trees and the sequence model can answer, else 0.',
    registers,
    collect() {
      this.set(models().ready ? 1 : 0)
    },
  })
  new Gauge({
    name: 'ml_models_loaded',
    help: 'ML layer 1: models that can answer, by type.',
    labelNames: ['model_type'],
    registers,
    collect() {
      const { lgbm, mamba } = models()
      this.set({ model_type: 'lgbm' }, lgbm)
      this.set({ model_type: 'mamba' }, mamba)
    },
  })
  new Counter({
    name: 'ml_predictions_total',
    help: 'ML layer 1: predictions made, by horizon in minutes (or sequence); predictions_total{result="new"}.',
    labelNames: ['horizon'],
    registers,
    async collect() {
      this.reset()
      const { horizons } = models()
      for (const horizon of horizons.values()) this.inc({ horizon }, 0)
      for (const { labels, value } of await valuesOf(metrics, 'predictions_total')) {
        const horizon = horizons.get(String(labels.model))
        if (horizon !== undefined && labels.result === 'new') this.inc({ horizon }, value)
      }
    },
  })
  new Counter({
    name: 'ml_prediction_errors_total',
    help: 'ML layer 1: predictions refused; predictions_total{result="refused"}.',
    registers,
    async collect() {
      this.reset()
      const { horizons } = models()
      for (const { labels, value } of await valuesOf(metrics, 'predictions_total')) {
        if (labels.result === 'refused' && horizons.has(String(labels.model))) this.inc(value)
      }
    },
  })
  new Gauge({
    name: 'ml_inference_latency_ms',
    help: 'ML layer 1: mean time of scoring, milliseconds, all models of the service; predict_stage_seconds{stage="score"}.',
    registers,
    async collect() {
      const scored = (await valuesOf(metrics, 'predict_stage_seconds')).filter(({ labels }) => labels.stage === 'score')
      const of = (suffix: string) => scored.find(({ metricName }) => metricName === `predict_stage_seconds_${suffix}`)?.value ?? 0
      this.set(of('count') === 0 ? 0 : (1000 * of('sum')) / of('count'))
    },
  })
}

interface Value {
  readonly labels: Readonly<Partial<Record<string, string | number>>>
  readonly value: number
  readonly metricName?: string
}

async function valuesOf(metrics: Metrics, name: string): Promise<readonly Value[]> {
  const metric = (await metrics.getSingleMetric(name)?.get()) as { readonly values: readonly Value[] } | undefined
  return metric?.values ?? []
}
