import { formatPath, type Path } from './problem.ts';
import { keyPlaces, type Schema } from './schema-walk.ts';

/** This is where a key that is unknown here would be right. */
export interface Home {
  /** This is where it belongs, as part of a sentence. */
  readonly hint: string;
  /** These keys are not missing then. */
  readonly meant: readonly string[];
}

/**
 * Returns the nearest place in the file where a key of this very name belongs; undefined when there is none.
 * @param parent the map that it stands in
 */
export function rightPlaceOf(root: Schema, parent: Path, key: string): Home | undefined {
  const here = parent.map((step) => (typeof step === 'number' ? '[]' : step));
  const places = keyPlaces(root)
    .filter((place) => place.at(-1) === key)
    .map((place) => place.slice(0, -1));
  const [there] = places
    .filter((place) => place.join('.') !== here.join('.'))
    .sort(
      (one, other) =>
        shared(other, here) - shared(one, here) || depthFrom(here, one) - depthFrom(here, other),
    );
  if (there === undefined) return undefined;

  const common = shared(there, here);
  const rest = there.slice(common);
  if (common === here.length && !rest.includes('[]')) {
    const inside = rest.map((_, index) => formatPath([...parent, ...rest.slice(0, index + 1)]));
    return {
      hint: `it belongs under "${rest.join('.')}"`,
      meant: [...inside, formatPath([...parent, ...rest, key])],
    };
  }
  if (rest.length === 0) {
    const beside = parent[common];
    const where = typeof beside === 'string' ? `beside "${beside}"` : `in ${inWords(there)}`;
    return {
      hint: `it belongs further up, ${where}`,
      meant: [formatPath([...parent.slice(0, common), key])],
    };
  }
  return { hint: `it is a key of ${inWords(there)}, not of ${inWords(here)}`, meant: [] };
}

/** A key of a rule was meant for a rule, and not for a map at the top of the file. */
const depthFrom = (here: readonly string[], place: readonly string[]): number =>
  Math.abs(place.length - here.length);

function shared(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((step, index) => step !== other[index]);
  return differs === -1 ? one.length : differs;
}

/** `objects[].match`; the top has no name. */
const inWords = (place: readonly string[]): string =>
  place.length === 0 ? 'the file itself' : place.join('.').replaceAll('.[]', '[]');
