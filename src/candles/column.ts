/** The six columns of a candle, in the order in which ccxt and exchanges give them. */
export const columns = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const
export type Column = (typeof columns)[number]

const byName: ReadonlyMap<string, Column> = new Map([
  ...columns.map((column): [string, Column] => [column, column]),
  ...['time', 'open_time', 'date', 'ts', 't'].map((name): [string, Column] => [name, 'timestamp']),
  ['o', 'open'],
  ['h', 'high'],
  ['l', 'low'],
  ['c', 'close'],
  ['v', 'volume'],
])

/** The column that a name stands for, whatever its case; undefined for a further column, which is ignored. */
export function columnOf(name: string): Column | undefined {
  return byName.get(name) ?? byName.get(name.toLowerCase())
}
