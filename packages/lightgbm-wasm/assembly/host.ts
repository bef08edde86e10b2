/** What is wrong with a model. The numbers are known to src/complaint.ts, which turns them into sentences. */
export const enum Complaint {
  OutOfMemory = 1,
  UnexpectedLine = 2,
  MissingField = 3,
  DuplicateField = 4,
  FieldTooEarly = 5,
  BadNumber = 6,
  WrongCount = 7,
  OutOfRange = 8,
  NoRoom = 9,
  NodeReachedTwice = 10,
  Truncated = 11,
  TokenTooLong = 12,
  NotCategorical = 13,
  ThresholdNan = 14,
  TooDeep = 15,
  NodeNotReached = 16,
}

/** Throws in JavaScript, through all frames in between; the instance is not used again. */
// @ts-ignore: decorator
@external("host", "fail")
declare function hostFail(complaint: i32, field: i32, found: f64, expected: f64, line: u32): void

/** Number() of the text, for the rare numbers of more than 19 digits that 64 bits cannot decide. */
// @ts-ignore: decorator
@external("host", "parseNumber")
export declare function hostParseNumber(text: usize, length: usize): f64

/** Line of the tree section that is being read, from 0. */
export let line: u32 = 0

export function setLine(value: u32): void {
  line = value
}

export function fail(complaint: Complaint, field: i32 = 0, found: f64 = 0, expected: f64 = 0): void {
  hostFail(complaint, field, found, expected, line)
  unreachable()
}
