/** A family's name as it is compared: without case, blanks, dashes and underscores. */
export function familyKey(family: string): string {
  return family.toLowerCase().replace(/[\s_-]/g, '')
}
