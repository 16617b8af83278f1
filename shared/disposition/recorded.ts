import { searchAudit } from '../audit/search.ts';
import { second } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { StorageReads } from '../storage/port.ts';
import { versionKey } from './certify.ts';
import { dispositionActions } from './records.ts';

/** It says what the evidence has of a certificate, which was stopped while it was recorded. */
export interface AlreadyRecorded {
  /** The versions that were asked for, by {@link versionKey}, whose end is in the evidence. */
  readonly versions: ReadonlySet<string>;
  /** The evidence has the certificate itself. */
  readonly certified: boolean;
}

/** Nothing is recorded. */
export const nothingRecorded: AlreadyRecorded = { versions: new Set(), certified: false };

/** A certificate that is being recorded. */
export interface Recording {
  /** The hash of its plan. */
  readonly plan: string;
  /** The hash of the certificate, in hex. */
  readonly certificate: string;
  /** The instant at which it was begun. An earlier certificate of the plan was recorded before that. */
  readonly since: Date;
  /** Versions that may be recorded, by {@link versionKey}. */
  readonly versions: readonly string[];
}

/**
 * Finds what the evidence has of a certificate, so that nothing is recorded twice.
 * @throws what listing and reading throw
 */
export async function alreadyRecorded(
  storage: Pick<StorageReads, 'listVersions' | 'readText'>,
  place: ObjectPrefix,
  { plan, certificate, since, versions }: Recording,
  now: Date,
): Promise<AlreadyRecorded> {
  const asked = new Set(versions);
  const found = new Set<string>();
  let certified = false;
  const actions = [dispositionActions.disposed, dispositionActions.certified];
  const begin = Math.floor(since.getTime() / second) * second; // the service says in whole seconds when a record was written
  for await (const { record, writtenAt } of searchAudit(storage, place, { actions }, since, now)) {
    if (record['plan'] !== plan || writtenAt.getTime() < begin) continue;
    if (record['certificate'] === certificate) certified = true;
    const name = versionKey(record);
    if (asked.has(name)) found.add(name);
  }
  return { versions: found, certified };
}
