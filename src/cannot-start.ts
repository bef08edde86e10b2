/** Something outside the program is in the way; the message says what and is all that the operator needs. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart'
}
