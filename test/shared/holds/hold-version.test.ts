import { describe, expect, it } from 'vitest';
import type { HoldLine, HoldPassDeps } from '../../../shared/holds/deps.ts';
import { giveBack, holdAgain, holdVersion } from '../../../shared/holds/hold-version.ts';
import { holdQuestion } from '../../../shared/holds/legal-hold.ts';
import { liftVersion } from '../../../shared/holds/lift-version.ts';
import type { KeptBy } from '../../../shared/matters/state.ts';
import { failure, type HoldfastError } from '../../../shared/platform/errors.ts';
import { day } from '../../../shared/platform/instant.ts';
import {
  type DataVersion,
  etag,
  type LegalHolds,
  type ObjectHead,
  type ObjectType,
  versionId,
} from '../../../shared/storage/port.ts';
import { holdRules } from '../../support/hold-world.ts';
import { minutes, validScope } from '../../support/matters.ts';
import { validRules } from '../../support/rules-file.ts';
import { storedVersions } from '../../support/stored-versions.ts';

const lastModified = minutes(5);
const scope = (part: Partial<Parameters<typeof validScope>[0]> = {}) =>
  validScope({ match: ['oss://hr'], ...part });
const acme = { tags: { client: 'acme' } };
const open = (id: string, part: Partial<Parameters<typeof validScope>[0]> = {}) => ({
  id,
  scope: scope(part),
});

const denied = failure('ACCESS_DENIED', { operation: 'x', target: 'oss://hr', action: 'oss:x' });
const notOffered = failure('HOLD_NOT_OFFERED', { target: 'oss://hr', detail: 'InvalidRequest' });
const wormOff = failure('OBJECT_WORM_OFF', { bucket: 'oss://hr', target: 'oss://hr/a' });
const lost = failure('UNREACHABLE', { operation: 'x', target: 'oss://hr', endpoint: 'e', reason: 'reset' });
const gone = failure('NO_SUCH_OBJECT', { operation: 'x', target: 'oss://hr/a', code: 'NoSuchKey' });

interface Given {
  readonly tags?: Readonly<Record<string, string>>;
  readonly type?: ObjectType;
  readonly head?: Partial<ObjectHead>;
  /** Told of a hold by the call of its own. */
  readonly isHeld?: boolean;
  /** The refusal to tell of a hold. */
  readonly untold?: Error;
  /** The version went after it was listed. */
  readonly isGone?: boolean;
  /** The refusal to write a hold. */
  readonly refused?: Error;
  /** The refusal to write retention. */
  readonly unretained?: Error;
}

/** One version in a bucket, and what is asked and written. */
function world({
  tags = {},
  type = 'Normal',
  head = {},
  isHeld = false,
  isGone = false,
  refused,
  unretained,
  untold,
}: Given) {
  const service = storedVersions(isGone ? [] : [{ key: 'a', id: 'v1', head, tags }], { lastModified });
  const { asked, storage } = service;
  const holds: LegalHolds = {
    getHold() {
      asked.push('getHold');
      return untold ? Promise.reject(untold) : Promise.resolve(isHeld);
    },
    putHold(_at, status) {
      asked.push(`putHold ${status}`);
      return refused ? Promise.reject(refused) : Promise.resolve({ sent: true, requestId: 'R1' });
    },
  };
  const version: DataVersion = {
    ...{ bucket: 'hr', key: 'a', versionId: versionId('v1'), kind: 'version', isLatest: true },
    ...{ lastModified, etag: etag('e'), size: 1, type },
  };
  const deps: HoldPassDeps = {
    storage: {
      ...storage,
      holds,
      putRetention(_at, { until }) {
        asked.push(`putRetention ${until.toISOString()}`);
        return unretained ? Promise.reject(unretained) : Promise.resolve({ sent: true, requestId: 'R2' });
      },
    },
    ...{ rules: validRules(holdRules), clock: { now: () => lastModified }, concurrency: 1 },
    signal: new AbortController().signal,
  };
  return { asked, deps, holds, version };
}

/** A line in short. */
const told = (line: HoldLine | undefined) =>
  line && { result: line.result, ...(line.error && { error: line.error.code }) };
const [getTags, headObject] = ['getTags a v1', 'headObject a v1'];
const afterDays = (days: number) => new Date(lastModified.getTime() + days * day);
const retention = `putRetention ${afterDays(90).toISOString()}`;
type Expected = { readonly result: HoldLine['result']; readonly error?: HoldfastError['code'] } | undefined;

describe('a matter that is opened holds a version', () => {
  it.each<[string, Given, ReturnType<typeof scope>[], Expected, string[]]>([
    ['of its place, without a look', {}, [scope()], { result: 'held' }, ['putHold ON']],
    ['of no other place', {}, [scope({ match: ['oss://fin'] })], undefined, []],
    ['of its time', {}, [scope({ from: lastModified.toISOString() })], { result: 'held' }, ['putHold ON']],
    ['of no other time', {}, [scope({ until: lastModified.toISOString() })], undefined, []],
    ['of its tags', acme, [scope(acme)], { result: 'held' }, [getTags, 'putHold ON']],
    ['of no other tags', {}, [scope(acme)], undefined, [getTags]],
    [
      'of the tags of one of its scopes',
      acme,
      [scope({ tags: { client: 'other' } }), scope(acme)],
      { result: 'held' },
      [getTags, 'putHold ON'],
    ],
    [
      'of a scope without tags beside one with tags, unasked',
      {},
      [scope(acme), scope()],
      { result: 'held' },
      ['putHold ON'],
    ],
    ['unless it went, as its tags say', { isGone: true }, [scope(acme)], { result: 'gone' }, [getTags]],
    ['unless it went, as the write says', { refused: gone }, [scope()], { result: 'gone' }, ['putHold ON']],
    ['but no symlink', { type: 'Symlink' }, [scope()], { result: 'skipped' }, []],
    ['and tells of no symlink that it has not', { type: 'Symlink' }, [scope(acme)], undefined, [getTags]],
    [
      'or keeps it by a generation of retention where the bucket takes no hold',
      { refused: notOffered },
      [scope()],
      { result: 'retained' },
      ['putHold ON', headObject, retention],
    ],
    [
      'or says that the bucket takes neither',
      { refused: notOffered, unretained: wormOff },
      [scope()],
      { result: 'not-offered', error: 'HOLD_NOT_OFFERED' },
      ['putHold ON', headObject, retention],
    ],
    [
      'or says that its retention failed',
      { refused: notOffered, unretained: lost },
      [scope()],
      { result: 'failed', error: 'UNREACHABLE' },
      ['putHold ON', headObject, retention],
    ],
    [
      'or says that it went, as HEAD says',
      { refused: notOffered, isGone: true },
      [scope()],
      { result: 'gone' },
      ['putHold ON', headObject],
    ],
    [
      'or says that it went, as the write of its retention says',
      { refused: notOffered, unretained: gone },
      [scope()],
      { result: 'gone' },
      ['putHold ON', headObject, retention],
    ],
    [
      'or leaves a retention that goes on for longer',
      { refused: notOffered, head: { retention: { mode: 'COMPLIANCE', until: afterDays(91) } } },
      [scope()],
      { result: 'retained' },
      ['putHold ON', headObject],
    ],
    [
      'or says what the service refuses',
      { refused: denied },
      [scope()],
      { result: 'failed', error: 'ACCESS_DENIED' },
      ['putHold ON'],
    ],
  ])('%s', async (_what, given, scopes, expected, calls) => {
    const { asked, deps, holds, version } = world(given);
    const line = await holdVersion(deps, holds, 'case-1', scopes)(version);
    expect([told(line), asked]).toEqual([expected, calls]);
  });

  it('and the line names version, matter and request', async () => {
    const { deps, holds, version } = world({});
    expect(await holdVersion(deps, holds, 'case-1', [scope()])(version)).toEqual({
      ...{ bucket: 'hr', key: 'a', versionId: 'v1', action: 'hold', matters: ['case-1'] },
      ...{ result: 'held', requestId: 'R1' },
    });
  });

  it('and the line says until when retention keeps it, and whether that is over the cap', async () => {
    const keep = async (head: Given['head'], now = lastModified) => {
      const { deps, holds, version } = world({ refused: notOffered, ...(head && { head }) });
      return await holdVersion({ ...deps, clock: { now: () => now } }, holds, 'case-1', [scope()])(version);
    };
    const until = (days: number) => ({
      retention: { mode: 'COMPLIANCE', until: afterDays(days) } as const,
    });
    const first = await keep({});
    expect(first).toMatchObject({ retainUntil: afterDays(90), requestId: 'R2' });
    expect(first).not.toHaveProperty('isOverCap');
    expect(await keep(until(30))).toMatchObject({ retainUntil: afterDays(90), requestId: 'R2' });
    expect(await keep(until(91))).toMatchObject({ retainUntil: afterDays(91), requestId: undefined });
    const tenYears = await keep({}, afterDays(3600));
    expect(tenYears).toMatchObject({ retainUntil: afterDays(3690), isOverCap: true });
  });

  it('and keeps no file of Holdfast itself by retention, of which each run writes more', async () => {
    const { asked, deps, holds, version } = world({ refused: notOffered });
    const rules = { ...deps.rules, audit: { bucket: 'hr', prefix: '' } };
    const line = await holdVersion({ ...deps, rules }, holds, 'case-1', [scope()])(version);
    expect(told(line)).toEqual({ result: 'skipped' });
    expect(asked).toEqual(['putHold ON']);
  });

  it('and a generation that ends with the cap is not over it', async () => {
    const { deps, holds, version } = world({ refused: notOffered });
    const rules = validRules(holdRules.replace('10y', '180d').replaceAll('1y', '30d'));
    const at = { ...deps, rules, clock: { now: () => afterDays(60) } };
    const line = await holdVersion(at, holds, 'case-1', [scope()])(version);
    expect(line).toMatchObject({ retainUntil: afterDays(180) });
    expect(line).not.toHaveProperty('isOverCap');
  });

  it('and what is no refusal of the service ends the pass', async () => {
    const broken = new TypeError('broken');
    const { deps, holds, version } = world({ refused: broken });
    await expect(holdVersion(deps, holds, 'case-1', [scope()])(version)).rejects.toBe(broken);
  });
});

describe('a matter that is released gives a version up', () => {
  const held = { head: { legalHold: true } } as const;
  const ahead = { mode: 'COMPLIANCE', until: minutes(900) } as const;
  const off = 'putHold OFF';

  interface Lift {
    readonly scopes?: ReturnType<typeof scope>[];
    readonly others?: readonly ReturnType<typeof open>[];
    readonly isResumed?: boolean;
    readonly keptBy?: KeptBy;
  }
  const lift = (
    given: Given,
    { scopes = [scope()], others = [], isResumed = false, keptBy = 'holds' }: Lift,
  ) => {
    const { asked, deps, holds, version } = world(given);
    const released = { id: 'case-1', scopes, isResumed, keptBy: () => keptBy };
    const calls = { holds, ask: holdQuestion({ holds, getObjectWorm: () => Promise.resolve({}) }) };
    return liftVersion(deps, calls, released, () => others)(version).then((line) => ({ line, asked }));
  };

  it.each<[string, Given, Lift, Expected, string[]]>([
    ['that HEAD shows as held', held, {}, { result: 'lifted' }, [headObject, off]],
    [
      'that the service tells to be held by its own call',
      { isHeld: true },
      {},
      { result: 'lifted' },
      [headObject, 'getHold', off],
    ],
    ['that has no hold: there is nothing to do', {}, {}, { result: 'not-held' }, [headObject, 'getHold']],
    [
      'whose hold an earlier run took off',
      {},
      { isResumed: true },
      { result: 'off-already' },
      [headObject, 'getHold'],
    ],
    ['but none of another place', held, { scopes: [scope({ match: ['oss://fin'] })] }, undefined, []],
    ['but no symlink', { ...held, type: 'Symlink' }, {}, { result: 'skipped' }, []],
    ['unless it went', { isGone: true }, {}, { result: 'gone' }, [headObject]],
    [
      'unless it went, as its tags say',
      { isGone: true },
      { scopes: [scope(acme)] },
      { result: 'gone' },
      [getTags],
    ],
    [
      'unless it went, as the question about its hold says',
      { untold: gone },
      {},
      { result: 'gone' },
      [headObject, 'getHold'],
    ],
    [
      'unless it went, as the write says',
      { ...held, refused: gone },
      {},
      { result: 'gone' },
      [headObject, off],
    ],
    [
      'of its tags',
      { ...held, ...acme },
      { scopes: [scope(acme)] },
      { result: 'lifted' },
      [getTags, headObject, off],
    ],
    [
      'of the tags of one of its scopes',
      { ...held, ...acme },
      { scopes: [scope({ tags: { client: 'other' } }), scope(acme)] },
      { result: 'lifted' },
      [getTags, headObject, off],
    ],
    [
      'but leaves a hold where the tags are others now: nobody knows whose it is',
      held,
      { scopes: [scope(acme)] },
      { result: 'left' },
      [getTags, headObject],
    ],
    [
      'and says nothing of one that has other tags and no hold',
      {},
      { scopes: [scope(acme)], isResumed: true },
      undefined,
      [getTags, headObject, 'getHold'],
    ],
    [
      'but another open matter keeps it, by a hold that is written again',
      held,
      { others: [open('case-2')] },
      { result: 'kept' },
      ['putHold ON'],
    ],
    [
      'but another open matter keeps it by its tags',
      { ...held, ...acme },
      { others: [open('case-2', acme)] },
      { result: 'kept' },
      [getTags, 'putHold ON'],
    ],
    [
      'but leaves a hold that may be of an open matter: the tags may have been others',
      held,
      { others: [open('case-2', acme)] },
      { result: 'left-for-matters' },
      [getTags, headObject],
    ],
    [
      'that an open matter of another place has not',
      held,
      { others: [open('case-2', { match: ['oss://fin'] })] },
      { result: 'lifted' },
      [headObject, off],
    ],
    [
      'and says nothing of one that another matter has and this one never had',
      held,
      { scopes: [scope(acme)], others: [open('case-2')] },
      undefined,
      [getTags],
    ],
    [
      'or says that the bucket takes holds no more, and that one is on',
      { ...held, refused: notOffered },
      {},
      { result: 'failed', error: 'HOLD_NOT_LIFTED' },
      [headObject, off],
    ],
    [
      'of which nobody can tell whether it has a hold, by taking it off',
      { untold: notOffered },
      {},
      { result: 'off-written' },
      [headObject, 'getHold', off],
    ],
    [
      'or says that nobody can tell of a hold, and the bucket takes none off',
      { untold: notOffered, refused: notOffered },
      {},
      { result: 'not-asked', error: 'HOLD_NOT_LIFTED' },
      [headObject, 'getHold', off],
    ],
    [
      'of which nobody can tell, but says why that is refused',
      { untold: notOffered, refused: denied },
      { keptBy: 'both' },
      { result: 'failed', error: 'ACCESS_DENIED' },
      [headObject, 'getHold', off],
    ],
    [
      'of which nobody can tell, but writes nothing where the tags are others',
      { untold: notOffered },
      { scopes: [scope(acme)] },
      { result: 'not-asked', error: 'HOLD_NOT_LIFTED' },
      [getTags, headObject, 'getHold'],
    ],
    [
      'of which nobody can tell, but leaves it to an open matter that may have held it',
      { untold: notOffered },
      { others: [open('case-2', acme)] },
      { result: 'left-for-matters' },
      [getTags, headObject, 'getHold'],
    ],
    [
      'that retention alone has kept',
      { untold: notOffered, head: { retention: ahead } },
      { keptBy: 'retention' },
      { result: 'retained' },
      [headObject, 'getHold'],
    ],
    [
      'that retention has kept for a part',
      { head: { retention: ahead } },
      { keptBy: 'both', isResumed: true },
      { result: 'retained' },
      [headObject, 'getHold'],
    ],
    [
      'of which no pass has told, where the bucket neither tells of holds nor takes any',
      { untold: notOffered, refused: notOffered, head: { retention: ahead } },
      { keptBy: 'unrecorded' },
      { result: 'retained' },
      [headObject, 'getHold', off],
    ],
    [
      'of which no pass has told and that nothing retains, where a release is gone on with',
      { untold: notOffered, refused: notOffered },
      { keptBy: 'unrecorded', isResumed: true },
      { result: 'not-held' },
      [headObject, 'getHold', off],
    ],
    [
      'of which no pass has told, by taking off what nobody tells of',
      { untold: notOffered },
      { keptBy: 'unrecorded' },
      { result: 'off-written' },
      [headObject, 'getHold', off],
    ],
    [
      'of which no pass has told, but says why that is refused',
      { untold: notOffered, refused: denied },
      { keptBy: 'unrecorded' },
      { result: 'failed', error: 'ACCESS_DENIED' },
      [headObject, 'getHold', off],
    ],
    [
      'of which no pass has told and that HEAD shows as held, but says that the hold stays on',
      { ...held, refused: notOffered },
      { keptBy: 'unrecorded' },
      { result: 'failed', error: 'HOLD_NOT_LIFTED' },
      [headObject, off],
    ],
    [
      'of which no pass has told, but leaves it to an open matter that may have held it',
      { untold: notOffered },
      { keptBy: 'unrecorded', others: [open('case-2', acme)] },
      { result: 'left-for-matters' },
      [getTags, headObject, 'getHold'],
    ],
    [
      'of which no pass has told, but writes nothing where the tags are others',
      { untold: notOffered },
      { keptBy: 'unrecorded', scopes: [scope(acme)] },
      undefined,
      [getTags, headObject, 'getHold'],
    ],
    [
      'of which no pass has told, as the service tells of its hold',
      { head: { retention: ahead } },
      { keptBy: 'unrecorded', isResumed: true },
      { result: 'off-already' },
      [headObject, 'getHold'],
    ],
    [
      'that only its rule retains, where holds kept the others',
      { head: { retention: ahead } },
      {},
      { result: 'not-held' },
      [headObject, 'getHold'],
    ],
    ['that nothing has kept', {}, { keptBy: 'retention' }, { result: 'not-held' }, [headObject, 'getHold']],
    [
      'but another open matter keeps it by retention where the bucket takes holds no more',
      { refused: notOffered },
      { others: [open('case-2')] },
      { result: 'kept' },
      ['putHold ON', headObject, retention],
    ],
    [
      'or says what the service refuses',
      { ...held, refused: denied },
      {},
      { result: 'failed', error: 'ACCESS_DENIED' },
      [headObject, off],
    ],
  ])('%s', async (_what, given, part, expected, calls) => {
    const { line, asked } = await lift(given, part);
    expect([told(line), asked]).toEqual([expected, calls]);
  });

  it('and says until when its retention goes on', async () => {
    const until = minutes(900);
    const retention = { mode: 'COMPLIANCE', until } as const;
    const lifted = await lift({ head: { legalHold: true, retention } }, {});
    expect(lifted.line).toMatchObject({
      action: 'lift',
      matters: ['case-1'],
      retainUntil: until,
      requestId: 'R1',
    });
    expect((await lift({ head: { retention } }, { isResumed: true })).line).toMatchObject({
      retainUntil: until,
    });
  });

  it('or says of which version a hold stays on, and what the service answered', async () => {
    const { line: refused } = await lift({ ...held, refused: notOffered }, {});
    expect(refused?.error?.message).toMatch(/oss:\/\/hr\/a.*v1.*a hold is on it/);
    expect(refused?.error?.cause).toBe(notOffered);
    const { line: untold } = await lift({ untold: notOffered, refused: notOffered }, {});
    expect(untold?.error?.message).toContain('nobody can tell whether a hold is on it');
  });

  it('and names the matters that keep it, or may, in order and once', async () => {
    const others = [open('case-3'), open('case-2'), open('case-3', { match: ['oss://*'] })];
    expect((await lift(held, { others })).line).toMatchObject({
      matters: ['case-2', 'case-3'],
      requestId: 'R1',
    });
    const maybe = [open('case-3', acme), open('case-2', acme), open('case-3', acme)];
    expect((await lift(held, { others: maybe })).line).toMatchObject({ matters: ['case-2', 'case-3'] });
  });
});

describe('a hold that was taken off is put on again', () => {
  const lifted = (version: DataVersion, result: HoldLine['result'] = 'lifted'): HoldLine => ({
    ...{ bucket: version.bucket, key: version.key, versionId: version.versionId },
    ...{ action: 'lift', matters: ['case-1'], result },
  });

  it.each<[string, Given, readonly ReturnType<typeof open>[], Expected, string[]]>([
    ['when a matter was opened meanwhile', {}, [open('case-2')], { result: 'kept' }, ['putHold ON']],
    [
      'when one was opened by tags',
      acme,
      [open('case-2', acme)],
      { result: 'kept' },
      [getTags, 'putHold ON'],
    ],
    ['but not for a matter of other tags', {}, [open('case-2', acme)], { result: 'lifted' }, [getTags]],
    [
      'but not for one of another place',
      {},
      [open('case-2', { match: ['oss://fin'] })],
      { result: 'lifted' },
      [],
    ],
    [
      'but not for one of another place, for which no tags are asked',
      acme,
      [open('case-2', { match: ['oss://fin'], ...acme })],
      { result: 'lifted' },
      [],
    ],
    ['but not where none is open', {}, [], { result: 'lifted' }, []],
    ['unless it went', { isGone: true }, [open('case-2', acme)], { result: 'gone' }, [getTags]],
    [
      'or it is said that it could not be',
      { refused: denied },
      [open('case-2')],
      { result: 'failed', error: 'ACCESS_DENIED' },
      ['putHold ON'],
    ],
    [
      'or it is kept by retention where the bucket takes none any more',
      { refused: notOffered },
      [open('case-2')],
      { result: 'kept' },
      ['putHold ON', headObject, retention],
    ],
  ])('%s', async (_what, given, others, expected, calls) => {
    const { asked, deps, holds, version } = world(given);
    const line = await holdAgain(deps, holds, lifted(version), version, others);
    expect([told(line), asked]).toEqual([expected, calls]);
  });

  it('with a line that names the matters that have it now', async () => {
    const { deps, holds, version } = world(acme);
    const others = [open('case-2'), open('case-3', acme), open('case-4', { tags: { client: 'other' } })];
    expect(await holdAgain(deps, holds, lifted(version), version, others)).toMatchObject({
      ...{ action: 'hold', matters: ['case-2', 'case-3'], result: 'kept', requestId: 'R1' },
    });
  });

  it('and given back when nobody knows what is open: that is a failure, with why', async () => {
    const { asked, deps, holds, version } = world({});
    const back = { lifted: lifted(version), open: [open('case-1')], reason: denied };
    const line = await giveBack(deps, holds, back, version);
    expect(line).toMatchObject({
      action: 'hold',
      matters: ['case-1'],
      result: 'failed',
      error: denied,
      requestId: 'R1',
    });
    expect(asked).toEqual(['putHold ON']);
    const failed = world({ refused: gone });
    expect(await giveBack(failed.deps, failed.holds, back, version)).toMatchObject({ result: 'gone' });
    const late = world({ refused: notOffered });
    const storage = { ...late.deps.storage, getTags: () => Promise.resolve(undefined) };
    await giveBack({ ...late.deps, storage }, late.holds, back, late.version);
    expect(late.asked).toEqual(['putHold ON', headObject]);
    const refused = world({ refused: notOffered });
    expect(await giveBack(refused.deps, refused.holds, back, version)).toMatchObject({
      ...{ result: 'failed', error: denied, retainUntil: afterDays(90) },
    });
  });

  it('only where it was taken off by this run', async () => {
    const { asked, deps, holds, version } = world({});
    const left = lifted(version, 'left');
    expect(await holdAgain(deps, holds, left, version, [open('case-2')])).toBe(left);
    expect(await giveBack(deps, holds, { lifted: left, open: [], reason: denied }, version)).toBe(left);
    expect(asked).toEqual([]);
  });
});
