import { mattersHolding, openScopes } from '../../shared/matters/matching.ts';
import { type Matters, unknownOf } from '../../shared/matters/state.ts';
import type { ObservedVersion } from '../../shared/objects/types.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import { visible } from '../../shared/platform/visible.ts';

/** The open matters that have a version, by name; or why that is not known. */
export type HeldBy = { readonly matters: readonly string[] } | { readonly error: HoldfastError };

/**
 * Finds the open matters that have a version.
 * @param reading undefined where the rules have no folder for matters
 * @param version with its tags
 * @returns undefined where nobody could look
 */
export async function findHeldBy(
  reading: Promise<Matters | undefined>,
  version: ObservedVersion,
): Promise<HeldBy | undefined> {
  try {
    const matters = await reading;
    if (matters === undefined) return undefined;
    const [unknown] = unknownOf(matters);
    if (unknown !== undefined) return { error: unknown };
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
