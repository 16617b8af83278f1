import { expect, it } from 'vitest';
import { actOfRelease, findReleased, findToRelease, refuseUnknownHolds } from '../../cli/hold/to-release.ts';
import { releaseSubject } from '../../shared/approvals/release.ts';
import { type FoundMatterRecord, mattersOf } from '../../shared/matters/state.ts';
import type { MatterPass } from '../../shared/matters/types.ts';
import { failure } from '../../shared/platform/errors.ts';
import { author, foundRecord, minutes, opened, released } from '../support/matters.ts';

const opening = opened('a', 1, { match: ['oss://b/**'] });
const other = opened('a', 1, { match: ['oss://c/**'] });
const release = released('a', 2, [opening.file]);
const error = failure('MATTER_MALFORMED', { target: 'x', reason: 'y' });
/** A record that is there, and nobody can read. */
const broken = ({ name }: FoundMatterRecord): FoundMatterRecord => ({ name, error });
const pass = (part: Partial<MatterPass>) =>
  foundRecord({
    ...{ kind: 'lifted', id: 'a', at: minutes(3), by: author, follows: [opening.file] },
    ...{ complete: true, counts: {}, ...part },
  });
const lifted = pass({});

it('a release ends the open records of a matter, and those that nobody can read', () => {
  const of = opened('b', 1, { match: ['oss://b/**'] });
  const matters = mattersOf([opening, other, release, broken(of)]);
  expect(findToRelease(matters, 'a')).toEqual({ matter: matters.all[0], unreadable: 0, ends: [other.file] });
  expect(findToRelease(matters, 'b')).toEqual({ matter: undefined, unreadable: 1, ends: [of.file] });
  const both = mattersOf([opening, broken(other)]);
  expect(findToRelease(both, 'a')).toMatchObject({ unreadable: 1, ends: [opening.file, other.file] });
});

it.each([
  ['findToRelease', findToRelease],
  ['findReleased', findReleased],
])('%s does not know a matter without a record, nor by a record that cannot hold', (_what, find) => {
  for (const records of [[], [broken(lifted)], [broken(opening), release]])
    expect(() => find(mattersOf(records), 'a')).toThrow(failure('MATTER_UNKNOWN', { matter: 'a' }));
});

it('a release that is complete is refused with who and when, and one that is not is gone on with', () => {
  const done = mattersOf([opening, release, lifted]);
  expect(() => findToRelease(done, 'a')).toThrow(/2026-11-20T10:02:00Z.*LTAIexample/);
  expect(() => findToRelease(done, 'a')).toThrow(expect.objectContaining({ code: 'MATTER_RELEASED' }));
  for (const last of [[], [pass({ complete: false })], [pass({ kind: 'held' })]])
    expect(findToRelease(mattersOf([opening, release, ...last]), 'a')).toMatchObject({ ends: [] });
  // Somebody opened it again since.
  expect(findToRelease(mattersOf([opening, release, lifted, other]), 'a').ends).toEqual([other.file]);
  // A record that nobody can read may hold, although all others are released.
  expect(findToRelease(mattersOf([opening, release, lifted, broken(other)]), 'a').ends).toEqual([other.file]);
});

it('only a released matter is gone over again', () => {
  const matters = mattersOf([opening, release, lifted]);
  expect(findReleased(matters, 'a')).toEqual({ matter: matters.all[0], unreadable: 0, ends: [] });
  for (const records of [[opening], [broken(opening)]])
    expect(() => findReleased(mattersOf(records), 'a')).toThrow(failure('MATTER_OPEN', { matter: 'a' }));
});

it('the act of a release is what it ends; one that is only gone on with needs none', () => {
  expect(actOfRelease('a', findToRelease(mattersOf([opening]), 'a'), false)).toEqual(
    releaseSubject('a', [opening.file]),
  );
  expect(actOfRelease('a', findToRelease(mattersOf([opening, release]), 'a'), false)).toBeUndefined();
});

it('to go over a matter again is one act until a pass over it is on record, complete or not', () => {
  const act = (...passes: FoundMatterRecord[]) =>
    actOfRelease('a', findReleased(mattersOf([opening, release, ...passes]), 'a'), true);
  expect(act()).toEqual(releaseSubject('a', [opening.file], true));
  expect(act(pass({ kind: 'held' })), 'nothing of it is on record where it was interrupted').toEqual(act());
  const once = releaseSubject('a', [opening.file, 'lifted 2026-11-20T10:03:00Z'], true);
  expect(act(lifted)).toEqual(once);
  expect(act(pass({ complete: false }))).toEqual(once);
  expect(act(pass({ complete: false }), pass({ complete: false })), 'in one second').not.toEqual(once);
});

it('no hold is taken off while a record of another matter may hold and cannot be read', () => {
  const refuse = (records: FoundMatterRecord[], except?: string) =>
    refuseUnknownHolds(mattersOf(records), except);
  expect(() => refuse([broken(opening)], 'b')).toThrow(error);
  expect(() => refuse([broken(opening)])).toThrow(error);
  expect(() => refuse([broken(opening)], 'a')).not.toThrow();
  expect(() => refuse([broken(opening), release, broken(lifted)], 'b')).not.toThrow();
});
