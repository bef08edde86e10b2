import { BIGINT, BOOLEAN, DOUBLE, INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBAppender, DuckDBTimestampValue, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import type { StoredOutcome } from '../outcome-store.js'
import { timestamp } from './column-kinds.js'
import type { TableColumn } from './table.js'

/** An outcome as the table holds it. */
export interface OutcomeRow extends StoredOutcome {
  readonly revision: number
  readonly replacedBy: number | null
}

/** A column of the table `outcomes`: how it is declared, written and read. */
export interface OutcomeColumn extends TableColumn {
  readonly field: keyof OutcomeRow
  readonly type: DuckDBType
  readonly toCell: (row: OutcomeRow) => DuckDBValue
  readonly append: (appender: DuckDBAppender, row: OutcomeRow) => void
  readonly fromCell: (cell: DuckDBValue) => unknown
}

/** In the order in which people want to read them. Times are UTC without a zone. */
export const outcomeColumns: readonly OutcomeColumn[] = [
  text('prediction_id', 'predictionId', 'id of the prediction that this is the outcome of'),
  text('symbol', 'symbol', "the prediction's symbol"),
  text('timeframe', 'timeframe', "the prediction's timeframe"),
  text('model', 'model', "the prediction's model"),
  time('bar_time', 'barTimeMs', 'open time of the bar that was predicted from'),
  text('status', 'status', 'settled or unsettleable; a prediction without a row is pending'),
  text('rule', 'rule', 'rule that settled it'),
  optional(text('reason', 'reason', 'why it cannot be settled; null when it was')),
  optional(double('entry_close', 'entryClose', 'close of the bar that was predicted from; null when it is missing')),
  optional(double('exit_close', 'exitClose', 'close of the bar at the horizon; null when it is missing')),
  optional(double('realised', 'realised', 'what came true: a return where the model predicts returns, else the log return')),
  optional(double('error', 'error', 'y_pred - realised; null where they have no common unit')),
  optional(boolean('hit', 'hit', 'whether the predicted side, or class, came true; null: neither, or the rule has no hit')),
  optional(boolean('covered', 'covered', 'quantiles: realised <= y_pred; null for everything else')),
  optional(
    integer('realised_class', 'realisedClass', 'class that holds the realised value, counted from 0; null where there are no classes'),
  ),
  optional(
    double('drawdown', 'drawdown', 'worst price on the way for a position in the predicted direction, as a fraction; null: no direction'),
  ),
  time('settled_at', 'settledAtMs', 'when it was settled'),
  whole('revision', 'revision', 'number of the commit that brought the row'),
  optional(
    whole(
      'replaced_by',
      'replacedBy',
      'number of the commit that brought a newer outcome of the prediction; null: this is the current one',
    ),
  ),
]

type Field = keyof OutcomeRow

function text(name: string, field: Field, meaning: string): OutcomeColumn {
  return column(name, 'VARCHAR', VARCHAR, field, meaning, (appender, value) => appender.appendVarchar(value as string))
}

function double(name: string, field: Field, meaning: string): OutcomeColumn {
  return column(name, 'DOUBLE', DOUBLE, field, meaning, (appender, value) => appender.appendDouble(value as number))
}

function boolean(name: string, field: Field, meaning: string): OutcomeColumn {
  return column(name, 'BOOLEAN', BOOLEAN, field, meaning, (appender, value) => appender.appendBoolean(value as boolean))
}

function integer(name: string, field: Field, meaning: string): OutcomeColumn {
  return column(name, 'INTEGER', INTEGER, field, meaning, (appender, value) => appender.appendInteger(value as number))
}

function whole(name: string, field: Field, meaning: string): OutcomeColumn {
  return {
    ...column(name, 'BIGINT', BIGINT, field, meaning, (appender, value) => appender.appendBigInt(BigInt(value as number))),
    toCell: (row) => BigInt(row[field] as number),
    fromCell: (cell) => Number(cell),
  }
}

function time(name: string, field: Field, meaning: string): OutcomeColumn {
  return {
    ...column(name, 'TIMESTAMP', TIMESTAMP, field, meaning, (appender, value) => appender.appendTimestamp(timestamp(value as number))),
    toCell: (row) => timestamp(row[field] as number),
    fromCell: (cell) => Number((cell as DuckDBTimestampValue).micros) / 1000,
  }
}

function column(
  name: string,
  sqlType: string,
  type: DuckDBType,
  field: Field,
  meaning: string,
  append: (appender: DuckDBAppender, value: unknown) => void,
): OutcomeColumn {
  return {
    name,
    sqlType: `${sqlType} NOT NULL`,
    meaning,
    field,
    type,
    toCell: (row) => row[field],
    append: (appender, row) => append(appender, row[field]),
    fromCell: (cell) => cell,
  }
}

/** The same column, where null is possible. */
function optional(column: OutcomeColumn): OutcomeColumn {
  const { field, sqlType, toCell, append, fromCell } = column
  return {
    ...column,
    sqlType: sqlType.replace(' NOT NULL', ''),
    toCell: (row) => (row[field] === null ? null : toCell(row)),
    append: (appender, row) => (row[field] === null ? appender.appendNull() : append(appender, row)),
    fromCell: (cell) => (cell === null ? null : fromCell(cell)),
  }
}
