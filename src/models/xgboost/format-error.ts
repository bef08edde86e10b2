/** A file that is no XGBoost model that can be scored; the message says what is wrong and where. */
export class XgboostFormatError extends Error {
  override readonly name = 'XgboostFormatError'
}

/** @throws XgboostFormatError always */
export function fail(why: string): never {
  throw new XgboostFormatError(why)
}
