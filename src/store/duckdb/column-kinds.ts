import { DuckDBTimestampValue, DOUBLE, INTEGER, LIST, VARCHAR } from '@duckdb/node-api'
import type { DuckDBAppender, DuckDBListValue, DuckDBPreparedStatement, DuckDBValue } from '@duckdb/node-api'

/** What the kinds of columns hold in JavaScript. */
export interface Values {
  text: string
  optionalText: string | null
  integer: number
  number: number
  optionalNumber: number | null
  whole: number
  optionalWhole: number | null
  /** Epoch milliseconds. */
  time: number
  numbers: Float64Array
  texts: readonly string[]
  optionalPlaces: readonly number[] | null
}

interface Kind<T> {
  readonly sqlType: string
  /** Whether DuckDB takes a value for what it is. */
  readonly fits: (value: unknown) => boolean
  readonly bind: (statement: DuckDBPreparedStatement, index: number, value: T) => void
  readonly append: (appender: DuckDBAppender, value: T) => void
  readonly read: (cell: DuckDBValue) => T
}

const doubles = LIST(DOUBLE)
const strings = LIST(VARCHAR)
const integers = LIST(INTEGER)

export const kinds: { readonly [K in keyof Values]: Kind<Values[K]> } = {
  text: {
    sqlType: 'VARCHAR NOT NULL',
    fits: isText,
    bind: (statement, index, value) => statement.bindVarchar(index, value),
    append: (appender, value) => appender.appendVarchar(value),
    read: (cell) => cell as string,
  },
  optionalText: {
    sqlType: 'VARCHAR',
    fits: (value) => value === null || isText(value),
    bind: (statement, index, value) => (value === null ? statement.bindNull(index) : statement.bindVarchar(index, value)),
    append: (appender, value) => (value === null ? appender.appendNull() : appender.appendVarchar(value)),
    read: (cell) => cell as string | null,
  },
  integer: {
    sqlType: 'INTEGER NOT NULL',
    fits: isInteger,
    bind: (statement, index, value) => statement.bindInteger(index, value),
    append: (appender, value) => appender.appendInteger(value),
    read: (cell) => cell as number,
  },
  number: {
    sqlType: 'DOUBLE NOT NULL',
    fits: isNumber,
    bind: (statement, index, value) => statement.bindDouble(index, value),
    append: (appender, value) => appender.appendDouble(value),
    read: (cell) => cell as number,
  },
  optionalNumber: {
    sqlType: 'DOUBLE',
    fits: (value) => value === null || isNumber(value),
    bind: (statement, index, value) => (value === null ? statement.bindNull(index) : statement.bindDouble(index, value)),
    append: (appender, value) => (value === null ? appender.appendNull() : appender.appendDouble(value)),
    read: (cell) => cell as number | null,
  },
  whole: {
    sqlType: 'BIGINT NOT NULL',
    fits: Number.isSafeInteger,
    bind: (statement, index, value) => statement.bindBigInt(index, BigInt(value)),
    append: (appender, value) => appender.appendBigInt(BigInt(value)),
    read: (cell) => Number(cell),
  },
  optionalWhole: {
    sqlType: 'BIGINT',
    fits: (value) => value === null || Number.isSafeInteger(value),
    bind: (statement, index, value) => (value === null ? statement.bindNull(index) : statement.bindBigInt(index, BigInt(value))),
    append: (appender, value) => (value === null ? appender.appendNull() : appender.appendBigInt(BigInt(value))),
    read: (cell) => (cell === null ? null : Number(cell)),
  },
  time: {
    sqlType: 'TIMESTAMP NOT NULL',
    fits: isTime,
    bind: (statement, index, value) => statement.bindTimestamp(index, timestamp(value)),
    append: (appender, value) => appender.appendTimestamp(timestamp(value)),
    read: (cell) => Number((cell as DuckDBTimestampValue).micros) / 1000,
  },
  numbers: {
    sqlType: 'DOUBLE[] NOT NULL',
    fits: (value) => value instanceof Float64Array,
    bind: (statement, index, value) => statement.bindList(index, Array.from(value), doubles),
    append: (appender, value) => appender.appendList(Array.from(value), doubles),
    read: (cell) => Float64Array.from((cell as DuckDBListValue).items as readonly number[]),
  },
  texts: {
    sqlType: 'VARCHAR[] NOT NULL',
    fits: (value) => Array.isArray(value) && value.every(isText),
    bind: (statement, index, value) => statement.bindList(index, value, strings),
    append: (appender, value) => appender.appendList(value, strings),
    read: (cell) => (cell as DuckDBListValue).items as readonly string[],
  },
  optionalPlaces: {
    sqlType: 'INTEGER[]',
    fits: (value) => value === null || (Array.isArray(value) && value.every(isInteger)),
    bind: (statement, index, value) => (value === null ? statement.bindNull(index) : statement.bindList(index, value, integers)),
    append: (appender, value) => (value === null ? appender.appendNull() : appender.appendList(value, integers)),
    read: (cell) => (cell === null ? null : ((cell as DuckDBListValue).items as readonly number[])),
  },
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}

function isInteger(value: unknown): boolean {
  return typeof value === 'number' && value === (value | 0)
}

/** Its microseconds have 64 bits. */
function isTime(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) <= 8.64e15
}

/** Epoch milliseconds as DuckDB's TIMESTAMP (microseconds, no zone): a time that is asked for may be finer than a millisecond. */
export function timestamp(ms: number): DuckDBTimestampValue {
  return new DuckDBTimestampValue(Number.isInteger(ms) ? BigInt(ms) * 1000n : BigInt(Math.round(ms * 1000)))
}
