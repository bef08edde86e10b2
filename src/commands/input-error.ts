/** Arguments, a file or the surroundings are not usable; the message is all that the user needs. Ends with exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError'
}
