import {
  mattersHolding,
  type OpenScope,
  openScopes,
  scopeCovers,
  scopeReadsTags,
} from '../matters/matching.ts';
import { placesHave } from '../matters/places.ts';
import type { Matters } from '../matters/state.ts';
import { HoldfastError, hasCode } from '../platform/errors.ts';
import { holdsOf } from '../storage/holds.ts';
import type { ObjectAt, ObjectStore, Receipt } from '../storage/port.ts';
import type { ObjectOutcome } from './settle.ts';
import type { ObservedVersion } from './types.ts';
import { unretainable } from './unretainable.ts';

/** The legal hold of a version that open matters have. */
export interface UploadHold {
  readonly matters: readonly string[];
  /** It was on before. */
  readonly already: boolean;
  /** This is what the write left in the hand, when one was made. */
  readonly receipt?: Receipt;
}

/** The open matters as an event meets them. */
export interface OpenMatters {
  readonly scopes: readonly OpenScope[];
  /** Why it is not certain that these are all: each event fails with them. */
  readonly errors: readonly HoldfastError[];
}

/** Reads which matters are open; it is called once an event, and works while the object is looked at. */
export type LookForMatters = () => Promise<OpenMatters>;

const none: OpenMatters = { scopes: [], errors: [] };

/**
 * Begins to read the matters, and tells the result as often as it is asked. A failure is a result, so that what the rules ask for
 * is done in any case.
 * @param read undefined where the rules have no folder for evidence: then there are no matters
 */
export function lookForMatters(read: (() => Promise<Matters>) | undefined): LookForMatters {
  if (read === undefined) return () => Promise.resolve(none);
  const looking = read().then(
    (matters): OpenMatters => ({
      scopes: openScopes(matters),
      errors: matters.unreadable.flatMap(({ mayHold, error }) => (mayHold ? [error] : [])),
    }),
    (error: unknown): OpenMatters => {
      if (error instanceof HoldfastError) return { scopes: [], errors: [error] };
      throw error;
    },
  );
  looking.catch(() => undefined); // whoever asks gets it
  return () => looking;
}

/** Tells whether an object of this name may belong to an open matter, or nobody knows. */
export const mayBeHeld = ({ scopes, errors }: OpenMatters, at: ObjectAt): boolean =>
  errors.length > 0 || scopes.some(({ scope }) => placesHave(scope.places, at));

/**
 * Puts a legal hold on a version that an open matter has. What goes wrong is added to the errors of the outcome: the event has
 * failed then, and is repeated.
 * @param tagsRead false when the tags of the version were not asked for
 */
export async function holdUpload(
  storage: ObjectStore,
  look: LookForMatters,
  version: ObservedVersion,
  tagsRead: boolean,
  outcome: ObjectOutcome,
): Promise<ObjectOutcome> {
  if (unretainable(version.type) !== undefined || outcome.decision.action === 'gone') return outcome;
  const { scopes, errors } = await look();
  try {
    const hold = await holdByMatters(storage, scopes, version, tagsRead);
    return { ...outcome, ...(hold && { hold }), errors: [...outcome.errors, ...errors] };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    if (hasCode(error, 'NO_SUCH_OBJECT')) return { ...outcome, errors: [...outcome.errors, ...errors] };
    return { ...outcome, errors: [...outcome.errors, ...errors, error] };
  }
}

async function holdByMatters(
  storage: ObjectStore,
  scopes: readonly OpenScope[],
  version: ObservedVersion,
  tagsRead: boolean,
): Promise<UploadHold | undefined> {
  const covering = scopes.filter(({ scope }) => scopeCovers(scope, version));
  if (covering.length === 0) return undefined;
  const { bucket, key, versionId } = version;
  const at = { bucket, key, versionId };
  const isReadNow = !tagsRead && covering.some(({ scope }) => scopeReadsTags(scope));
  const tags = isReadNow ? (await storage.getTags(at))?.tags : version.tags;
  if (tags === undefined) return undefined; // it was deleted for good meanwhile
  const matters = mattersHolding(covering, version, tags);
  if (matters.length === 0) return undefined;
  if (version.legalHold === true) return { matters, already: true };
  return { matters, already: false, receipt: await holdsOf(storage).putHold(at, 'ON') };
}
