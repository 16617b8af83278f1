import fc from 'fast-check';
import { sha256 } from '../../shared/audit/name.ts';
import { recordFile } from '../../shared/matters/name.ts';
import { matterRecordText, readScope, type ScopeText } from '../../shared/matters/record.ts';
import type { FoundMatterRecord } from '../../shared/matters/state.ts';
import type { MatterRecord, MatterScope } from '../../shared/matters/types.ts';

export const author = { caller: 'LTAIexample', callerFrom: 'the environment' };
const epoch = Date.UTC(2026, 10, 20, 10);
export const minutes = (count: number): Date => new Date(epoch + count * 60_000);

/** A scope of OSS that is expected to be valid. */
export function validScope(text: ScopeText): MatterScope {
  const scope = readScope(text, 'oss');
  if ('problem' in scope) throw new Error(scope.problem);
  return scope;
}

/** A record as it is found when it is read. */
export function foundRecord(record: MatterRecord): FoundMatterRecord & { readonly file: string } {
  const name = { id: record.id, kind: record.kind, sha256: sha256(matterRecordText(record)) };
  return { name, record, file: recordFile(name) };
}

export const opened = (id: string, at: number, scope: ScopeText, reason = 'a lawsuit') =>
  foundRecord({ kind: 'opened', id, at: minutes(at), by: author, reason, scope: validScope(scope) });

export const released = (id: string, at: number, follows: readonly string[]) =>
  foundRecord({ kind: 'released', id, at: minutes(at), by: author, reason: 'it is over', follows });

/** Buckets, keys, tags and times of a small world, so that scopes and versions meet often. */
export const smallWorld = {
  bucket: fc.constantFrom('fin-1', 'fin-2', 'hr'),
  key: fc.constantFrom('a', 'ledger/a', 'ledger/2026/b', 'tmp/a'),
  tags: fc.dictionary(fc.constantFrom('client', 'class'), fc.constantFrom('acme', 'other', '')),
  time: fc.integer({ min: 0, max: 6 }),
};
const place = fc.constantFrom(
  'oss://fin-*/**',
  'oss://fin-1/ledger/**',
  'oss://hr',
  'oss://*/a',
  '!oss://fin-2/**',
  '!oss://*/tmp/*',
);
export const arbitraryScope: fc.Arbitrary<ScopeText> = fc
  .record({
    match: fc.uniqueArray(place, { minLength: 1, maxLength: 3 }),
    tags: fc.dictionary(fc.constantFrom('client', 'class'), fc.constantFrom('acme', '*', 'o*')),
    from: fc.option(smallWorld.time, { nil: undefined }),
    until: fc.option(smallWorld.time, { nil: undefined }),
  })
  .filter(({ match }) => match.some((each) => !each.startsWith('!')))
  .filter(({ from, until }) => from === undefined || until === undefined || from < until)
  .map(({ match, tags, from, until }) => ({
    match,
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(from !== undefined && { from: minutes(from).toISOString() }),
    ...(until !== undefined && { until: minutes(until).toISOString() }),
  }));
