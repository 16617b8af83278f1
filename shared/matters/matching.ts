import type { Tags } from '../storage/port.ts';
import { placesHave } from './places.ts';
import { type Matters, openPartOf } from './state.ts';
import type { MatterScope } from './types.ts';

/** This is what a scope looks at in a version. */
export interface ScopedVersion {
  readonly bucket: string;
  readonly key: string;
  readonly lastModified: Date;
}

/** The scope of an open matter. */
export interface OpenScope {
  readonly id: string;
  readonly scope: MatterScope;
}

/**
 * Returns the scopes of all open matters.
 * @param openedBefore leaves out what was opened at this instant or later
 */
export const openScopes = ({ all }: Matters, openedBefore?: Date): readonly OpenScope[] =>
  all.flatMap((matter) =>
    openPartOf(matter)
      .filter(({ opened }) => openedBefore === undefined || opened.at < openedBefore)
      .map(({ opened: { id, scope } }) => ({ id, scope })),
  );

/** Tells whether a version is in the places and the time of a scope; its tags are not looked at. */
export function scopeCovers({ places, from, until }: MatterScope, version: ScopedVersion): boolean {
  const at = version.lastModified;
  return (
    (from === undefined || at >= from) && (until === undefined || at < until) && placesHave(places, version)
  );
}

/** Tells whether the tags of a version must be known to match the scope. */
export const scopeReadsTags = ({ tags }: MatterScope): boolean => tags.size > 0;

/** Tells whether every tag of the scope is there, with a value that matches. */
export const scopeTagsMatch = (scope: MatterScope, tags: Tags): boolean =>
  [...scope.tags].every(([name, pattern]) => {
    const value = tags.get(name);
    return value !== undefined && pattern.matches(value);
  });

/**
 * Returns the open matters that a version belongs to, by name and in order. A version is held as long as there is one.
 * @param tags of that version; they may be left out when none of the scopes that cover it reads tags
 */
export function mattersHolding(scopes: readonly OpenScope[], version: ScopedVersion, tags: Tags): string[] {
  const ids = scopes
    .filter(({ scope }) => scopeCovers(scope, version) && scopeTagsMatch(scope, tags))
    .map(({ id }) => id);
  return [...new Set(ids)].sort();
}
