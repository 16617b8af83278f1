import { mattersHolding, openScopes } from '../shared/matters/matching.ts';
import { readMatters } from '../shared/matters/read.ts';
import { parseMatterRecord } from '../shared/matters/record.ts';
import type { ObservedVersion } from '../shared/objects/types.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import { visible } from '../shared/platform/visible.ts';
import type { Rules } from '../shared/rules/types.ts';
import type { StorageReads } from '../shared/storage/port.ts';

/** The open matters that have a version, by name; or why that is not known. */
export type HeldBy = { readonly matters: readonly string[] } | { readonly error: HoldfastError };

/**
 * Finds the open matters that have a version.
 * @param version with its tags
 * @returns undefined where the rules have no folder for matters
 */
export async function findHeldBy(
  storage: StorageReads,
  { audit: folder }: Rules,
  version: ObservedVersion,
): Promise<HeldBy | undefined> {
  if (folder === undefined) return undefined;
  try {
    const load = () => Promise.resolve(parseMatterRecord);
    const matters = await readMatters({ storage, folder, load });
    const unknown = matters.unreadable.find(({ mayHold }) => mayHold);
    if (unknown !== undefined) return { error: unknown.error };
    return { matters: mattersHolding(openScopes(matters), version, version.tags) };
  } catch (error) {
    if (error instanceof HoldfastError) return { error };
    throw error;
  }
}

/** Returns the line about the matters of a version; nothing where none has it. */
export function heldByLines(held: HeldBy | undefined): string[] {
  if (held === undefined) return [];
  if ('error' in held)
    return [`matters        not known: ${held.error.code}: ${visible(held.error.message)}`];
  if (held.matters.length === 0) return [];
  return [`matters        ${held.matters.join(', ')}: held until the last of them is released`];
}
