import type { ObjectOutcome } from '../objects/outcome.ts';
import { judge, type ObjectDeps } from '../objects/settle.ts';
import type { ObservedVersion } from '../objects/types.ts';
import { formatAddress } from '../platform/address.ts';
import { failure, HoldfastError } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';
import type { Retention, VersionAt } from '../storage/port.ts';
import { readBack } from '../storage/read-back.ts';
import type { Approach } from './approach.ts';
import { ending } from './ending.ts';
import { entryOf, failedEntry, unseenEntryOf, type VersionEntry } from './entry.ts';
import { observeKnown } from './observe.ts';
import type { KnownVersion } from './source.ts';

export interface UnseenDeps extends ObjectDeps {
  readonly approach?: Approach | undefined;
}

/** A version that is to be written before anybody looked at it, and where it was seen. */
export interface UnseenVersion {
  readonly pending: ObservedVersion;
  readonly unseen: 'list' | 'inventory';
}

/**
 * Puts a version under retention that nobody has looked at. The service refuses to shorten, so nothing can be lost by it; what
 * it refuses is looked at, which tells why. Some of what it accepts is read back, as proof of the rest.
 * @throws what would hit every other version too, and what is no error of Holdfast's
 */
export async function writeUnseen(
  deps: UnseenDeps,
  version: UnseenVersion,
  outcome: ObjectOutcome,
): Promise<VersionEntry> {
  const { bucket, key, versionId } = version.pending;
  const at = { bucket, key, versionId };
  const { decision, errors } = outcome;
  if (decision.action !== 'protect') return entryOf(outcome);
  try {
    const receipt = await deps.storage.putRetention(at, { mode: 'COMPLIANCE', until: decision.until });
    const written = { bucket, key, versionId, decision, errors, receipt };
    if (!receipt.sent || deps.approach?.sampled() !== true) return unseenEntryOf(written);
    return await prove(deps, at, written, decision.until);
  } catch (error) {
    if (!(error instanceof HoldfastError) || ending.has(error.code)) throw error;
    if (error.transient) return entryOf({ ...outcome, errors: [...errors, error] });
    return await explain(deps, version, error);
  }
}

/** Reads back what was just written. If that cannot be read now, the reply to the write still stands. */
async function prove(
  { storage, clock }: UnseenDeps,
  at: VersionAt,
  outcome: ObjectOutcome,
  until: Date,
): Promise<VersionEntry> {
  const shown = await readBack(
    clock,
    () => storage.headObject(at),
    (head) => holds(head, until),
  ).catch((error: unknown) => {
    if (!(error instanceof HoldfastError) || ending.has(error.code)) throw error;
    return undefined;
  });
  if (shown === undefined) return unseenEntryOf(outcome);
  if (shown.verified) return { ...unseenEntryOf(outcome), readBack: true };
  const { value } = shown;
  const target = formatAddress(storage.cloud, at);
  const found = typeof value === 'string' ? `no version (${value})` : inWords(value.retention);
  const error = failure('NOT_VERIFIED', { operation: 'PutObjectRetention', target, found });
  return entryOf({ ...outcome, errors: [...outcome.errors, error] });
}

function holds(head: string | { readonly retention: Retention | undefined }, until: Date): boolean {
  const retention = typeof head === 'string' ? undefined : head.retention;
  return retention?.mode === 'COMPLIANCE' && retention.until >= until;
}

const inWords = (retention: Retention | undefined): string =>
  retention === undefined ? 'no retention' : `${retention.mode} until ${formatInstant(retention.until)}`;

/** The service has refused: a look tells whether the version is protected already, cannot be, or may not be written. */
async function explain(
  deps: UnseenDeps,
  { pending, unseen }: UnseenVersion,
  refusal: HoldfastError,
): Promise<VersionEntry> {
  const { bucket, key, versionId, lastModified, type } = pending;
  const own = { bucket, key, versionId, lastModified, type };
  const known: KnownVersion = unseen === 'inventory' ? { ...own, inventory: true } : own;
  try {
    const observed = await observeKnown(deps, known);
    if ('outcome' in observed) return entryOf(observed.outcome);
    const judged = judge(deps.rules, observed.pending, deps.clock.now());
    return entryOf({ ...judged, errors: [...judged.errors, refusal] });
  } catch (error) {
    if (!(error instanceof HoldfastError) || ending.has(error.code)) throw error;
    return failedEntry(known, error);
  }
}
