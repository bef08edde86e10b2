import type { StoredPrediction } from '../store.js'
import type { CandleRow } from './candle-columns.js'
import type { FeatureNames, FeatureRow } from './feature-columns.js'
import type { Inserter } from './insert.js'
import { removeFeatures } from './remove-features.js'
import { featurePlaceKey } from './stage-features.js'
import type { FeaturePlace } from './stage-features.js'
import type { Superseded } from './link.js'
import type { Tables } from './tables.js'
import type { Step } from './transaction.js'

/** What commits do to the tables. */
export interface Changes {
  /** Number of the commit that was the last one before them. */
  readonly after: number
  /** Number of the last of them. */
  readonly revision: number
  /** Rows to add, oldest first. */
  readonly predictions: readonly StoredPrediction[]
  /** Rows that get a successor. */
  readonly superseded: readonly Superseded[]
  readonly candles: readonly CandleRow[]
  readonly featureNames: readonly FeatureNames[]
  /** Places whose rows go, because others come. */
  readonly featuresReplaced: readonly FeaturePlace[]
  readonly features: readonly FeatureRow[]
}

/** How many rows they add. */
export function rowsOf({ predictions, candles, featureNames, features }: Changes): number {
  return predictions.length + candles.length + featureNames.length + features.length
}

/** Those of several groups of commits as one: what the last of them left. At least one, in their order. */
export function mergeChanges(groups: readonly Changes[]): Changes {
  const predictions = new Map<string, StoredPrediction>()
  const superseded: Superseded[] = []
  const features = new Map<string, FeatureRow>()
  for (const group of groups) {
    for (const row of group.predictions) predictions.set(row.id, row)
    for (const mark of group.superseded) {
      const row = predictions.get(mark.old.id)
      if (row === undefined) superseded.push(mark)
      else predictions.set(row.id, { ...row, supersededBy: mark.by })
    }
    for (const row of group.features) features.set(featurePlaceKey(row), row)
  }
  return {
    after: groups[0]?.after as number,
    revision: groups.at(-1)?.revision as number,
    predictions: [...predictions.values()],
    superseded,
    candles: groups.flatMap(({ candles }) => candles),
    featureNames: groups.flatMap(({ featureNames }) => featureNames),
    featuresReplaced: groups.flatMap(({ featuresReplaced }) => featuresReplaced),
    features: [...features.values()],
  }
}

/** @throws TypeError when the tables will not take them; nobody could be told any more when they are brought in later */
export function checkChanges(tables: Tables, { predictions, candles, featureNames, features }: Changes): void {
  tables.predictions.check(predictions)
  tables.candles.check(candles)
  tables.featureNames.check(featureNames)
  tables.featureRows.check(features)
}

/** What brings changes into the tables. */
export function stepsOf(tables: Tables, changes: Changes): Step[] {
  const { predictions, superseded, candles, featureNames, featuresReplaced, features } = changes
  const steps: Step[] = []
  if (predictions.length > 0) steps.push(insertion(tables.predictions, predictions))
  if (superseded.length > 0) steps.push({ isOneStatement: false, run: () => tables.superseder.mark(superseded) })
  if (candles.length > 0) steps.push(insertion(tables.candles, candles))
  if (featureNames.length > 0) steps.push(insertion(tables.featureNames, featureNames))
  if (featuresReplaced.length > 0) steps.push({ isOneStatement: false, run: () => removeFeatures(tables.connection, featuresReplaced) })
  if (features.length > 0) steps.push(insertion(tables.featureRows, features))
  return steps
}

function insertion<Row>(inserter: Inserter<Row>, rows: readonly Row[]): Step {
  return { isOneStatement: inserter.isOneStatement(rows.length), run: () => inserter.insert(rows) }
}
