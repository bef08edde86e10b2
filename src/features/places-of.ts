import { nearestName } from '../nearest-name.js'
import { type Catalogue, FeatureMismatch } from './catalogue.js'

/**
 * What a catalogue keeps of each name that is wanted, in their order. It may keep names that it does not list.
 * @throws FeatureMismatch with the nearest listed name of each that is unknown
 */
export function placesOf<Place>(
  { name: catalogue, names }: Pick<Catalogue, 'name' | 'names'>,
  known: ReadonlyMap<string, Place>,
  wanted: readonly string[],
): Place[] {
  const unknown = wanted.filter((name) => !known.has(name))
  if (unknown.length === 0) return wanted.map((name) => known.get(name)!)
  throw new FeatureMismatch(
    catalogue,
    unknown.map((name) => ({ name, nearest: nearestName(name, names) })),
  )
}
