import { describe, expect, it } from 'vitest';
import type { OpenScope } from '../../../shared/matters/matching.ts';
import { mattersOf } from '../../../shared/matters/state.ts';
import {
  holdUpload,
  lookForMatters,
  mayBeHeld,
  type OpenMatters,
} from '../../../shared/objects/hold-upload.ts';
import type { ObjectOutcome } from '../../../shared/objects/outcome.ts';
import type { ObservedVersion } from '../../../shared/objects/types.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { type LastLook, versionId } from '../../../shared/storage/port.ts';
import { minutes, opened, released, validScope } from '../../support/matters.ts';
import { storedVersions } from '../../support/stored-versions.ts';

const at = { bucket: 'hr', key: 'a', versionId: versionId('v1') };
const lastModified = minutes(5);
const until = (minute: number) => ({ mode: 'COMPLIANCE' as const, until: minutes(minute) });
const open = (id: string, part: Partial<Parameters<typeof validScope>[0]> = {}): OpenScope => ({
  id,
  scope: validScope({ match: ['oss://hr'], ...part }),
});
const acme = { tags: { client: 'acme' } };
const denied = failure('ACCESS_DENIED', { operation: 'x', target: 'oss://hr', action: 'oss:x' });
const notOffered = failure('HOLD_NOT_OFFERED', { target: 'oss://hr', detail: 'InvalidRequest' });
const wormOff = failure('OBJECT_WORM_OFF', { bucket: 'oss://hr', target: 'oss://hr/a' });
const gone = failure('NO_SUCH_OBJECT', { operation: 'x', target: 'oss://hr/a', code: 'NoSuchKey' });
const malformed = failure('MATTER_MALFORMED', { target: 'x', reason: 'y' });

const outcome = (decision: ObjectOutcome['decision'], rest: Partial<ObjectOutcome> = {}): ObjectOutcome => ({
  ...{ ...at, decision, errors: [] },
  ...rest,
});
const noRule = outcome({ action: 'no-rule' });
const protectedBy = (rule: string, minute: number, others: readonly string[] = []) => ({
  ...{ action: 'protect' as const, rule, others, until: minutes(minute) },
  ...{ previousUntil: undefined, warnings: [], problems: [] },
});
const receipt = { sent: true, requestId: 'R2' };

interface Given {
  readonly scopes?: readonly OpenScope[];
  /** Why nobody knows whether these are all. */
  readonly unknown?: readonly ReturnType<typeof failure>[];
  readonly version?: Partial<ObservedVersion>;
  readonly tagsRead?: boolean;
  /** The tags that the service has; undefined where the version went. */
  readonly stored?: Readonly<Record<string, string>> | undefined;
  readonly refused?: Error;
  /** The matters as they are right before the hold is sent, where they are others by then. */
  readonly lastLook?: OpenMatters;
  /** The outcome of its matters where its bucket takes no hold. */
  readonly byMatters?: ObjectOutcome;
}

/** Holds a version as far as it is to be held; tells what came of it, and what was called. */
async function hold(given: Given, before: ObjectOutcome = noRule) {
  const { scopes = [open('case-1')], unknown = [], tagsRead = true, byMatters = noRule } = given;
  const stored = 'stored' in given ? given.stored : {};
  const { asked, storage } = storedVersions(
    stored === undefined ? [] : [{ key: 'a', id: 'v1', tags: stored }],
    { lastModified },
  );
  const tools = {
    storage: {
      ...storage,
      holds: {
        getHold: () => Promise.reject(new Error('nobody asks for a hold')),
        async putHold({ bucket, key, versionId: id }: typeof at, status: string, lastLook?: LastLook) {
          await lastLook?.();
          asked.push(`putHold ${status} ${bucket}/${key} ${id}`);
          if (given.refused) throw given.refused;
          return { sent: true, requestId: 'R' };
        },
      },
    },
    look: () => Promise.resolve({ scopes, errors: unknown }),
    lookAgain: () => Promise.resolve(given.lastLook ?? { scopes, errors: unknown }),
    tagsRead,
    settleByMatters(ids: readonly OpenScope[], { retention, tags }: ObservedVersion) {
      const known = retention === undefined ? 'none' : `${retention.mode} ${retention.until.toISOString()}`;
      asked.push(`settle ${ids.map(({ id }) => id).join()} ${known} ${[...tags.keys()].join()}`.trim());
      return Promise.resolve(byMatters);
    },
  };
  const version: ObservedVersion = {
    ...{ ...at, lastModified, type: 'Normal', tags: new Map(), retention: undefined },
    ...given.version,
  };
  return { held: await holdUpload(tools, version, before), asked };
}

const put = 'putHold ON hr/a v1';
const getTags = 'getTags a v1';
const tagged = new Map([['client', 'acme']]);

describe('an upload', () => {
  it('that open matters have gets a hold, whatever its rules lead to', async () => {
    const scopes = [open('case-2'), open('case-1'), open('case-3', { match: ['oss://fin'] })];
    const before = outcome(protectedBy('fin', 50), { receipt, errors: [denied] });
    const { held, asked } = await hold({ scopes }, before);
    expect(held).toEqual({
      ...before,
      hold: { matters: ['case-1', 'case-2'], by: 'put-on', receipt: { sent: true, requestId: 'R' } },
    });
    expect(asked).toEqual([put]);
  });

  it('gets none when all of its matters are known to be released right before that is sent', async () => {
    const scopes = [open('case-1'), open('case-2')];
    const left = (ids: readonly string[], errors: OpenMatters['errors'] = []) => ({
      ...{ scopes, unknown: [denied] },
      lastLook: { scopes: ids.map((id) => open(id)), errors },
    });
    const before = outcome(protectedBy('fin', 50), { receipt });
    const { held, asked } = await hold(left(['case-3']), before);
    expect(held).toEqual({ ...before, errors: [denied] });
    expect(asked).toEqual([]);
    expect((await hold(left(['case-2']), before)).asked).toEqual([put]);
    expect((await hold(left([], [denied]), before)).asked).toEqual([put]);
  });

  it('that has a hold already is left as it is', async () => {
    const { held, asked } = await hold({ version: { legalHold: true } });
    expect(held).toEqual({ ...noRule, hold: { matters: ['case-1'], by: 'already-on' } });
    expect(asked).toEqual([]);
  });

  it.each<[what: string, given: Given, asked: string[]]>([
    [
      'of another place',
      { scopes: [open('case-1', { match: ['oss://fin'], ...acme })], tagsRead: false },
      [],
    ],
    ['of another time', { scopes: [open('case-1', { from: minutes(6).toISOString() })] }, []],
    ['of other tags', { scopes: [open('case-1', acme)] }, []],
    ['of other tags, as the service says', { scopes: [open('case-1', acme)], tagsRead: false }, [getTags]],
    [
      'that went, as the question about its tags says',
      { scopes: [open('case-1', acme)], tagsRead: false, stored: undefined },
      [getTags],
    ],
    ['that is a symlink', { version: { type: 'Symlink' }, unknown: [malformed] }, []],
  ])('%s is not held', async (_what, given, calls) => {
    const { held, asked } = await hold(given);
    expect([held, asked]).toEqual([noRule, calls]);
  });

  it('that went is not held', async () => {
    const before = outcome({ action: 'gone' });
    expect(await hold({ unknown: [malformed] }, before)).toEqual({ held: before, asked: [] });
    const { held } = await hold({ refused: gone, unknown: [malformed] });
    expect(held).toEqual({ ...noRule, errors: [malformed] });
  });

  it('is asked for its tags only where a matter reads them and the rules have not', async () => {
    const byTag = [open('case-1', acme)];
    expect((await hold({ scopes: byTag, version: { tags: tagged } })).asked).toEqual([put]);
    const asked = { tagsRead: false, stored: { client: 'acme' } };
    expect((await hold({ scopes: byTag, ...asked })).asked).toEqual([getTags, put]);
    expect((await hold({ scopes: [open('case-2'), ...byTag], ...asked })).held.hold?.matters).toEqual([
      'case-1',
      'case-2',
    ]);
    expect((await hold({ ...asked })).asked).toEqual([put]);
  });

  it('fails with what the service refuses, and with matters that cannot be read', async () => {
    const before = outcome({ action: 'no-rule' }, { errors: [wormOff] });
    const { held } = await hold({ refused: denied, unknown: [malformed] }, before);
    expect(held).toEqual({ ...before, errors: [wormOff, malformed, denied] });
    const { held: unheld } = await hold({ scopes: [], unknown: [malformed] }, before);
    expect(unheld).toEqual({ ...before, errors: [wormOff, malformed] });
    const broken = new TypeError('broken');
    await expect(hold({ refused: broken })).rejects.toBe(broken);
  });
});

describe('an upload to a bucket that takes no hold', () => {
  const refused = notOffered;
  const generation = protectedBy('matter case-1', 90);

  it('is kept by retention for its matters', async () => {
    const byMatters = outcome(generation, { receipt });
    const scopes = [open('case-1', acme), open('case-2', { match: ['oss://fin'] })];
    const version = { tags: tagged, retention: until(30) };
    const { held, asked } = await hold({ refused, byMatters, scopes, version });
    expect(held).toEqual({ ...byMatters, hold: { matters: ['case-1'], by: 'retention' } });
    expect(asked).toEqual([put, `settle case-1 COMPLIANCE ${minutes(30).toISOString()} client`]);
  });

  it.each<[what: string, before: ObjectOutcome, known: number]>([
    ['as its rule has just retained it', outcome(protectedBy('fin', 60), { receipt }), 60],
    [
      'as it was where nothing was sent',
      outcome(protectedBy('fin', 60), { receipt: { sent: false, requestId: 'R2' } }),
      30,
    ],
    ['as it was where its rule has not come so far', outcome(protectedBy('fin', 60)), 30],
    ['as it was where no rule has it', noRule, 30],
  ])('is judged %s', async (_what, before, known) => {
    const { asked } = await hold({ refused, version: { retention: until(30) } }, before);
    expect(asked.at(-1)).toBe(`settle case-1 COMPLIANCE ${minutes(known).toISOString()}`);
  });

  it('has the later decision of its rules and its matters, by all of their names, and the errors of both', async () => {
    const before = outcome(protectedBy('fin', 60, ['letters']), { receipt, errors: [denied] });
    const byMatters = outcome(protectedBy('matter case-1', 90, ['matter case-2']), { errors: [malformed] });
    const { held } = await hold({ refused, byMatters }, before);
    expect(held).toMatchObject({
      decision: { rule: 'matter case-1', others: ['fin', 'letters', 'matter case-2'], until: minutes(90) },
      ...{ errors: [denied, malformed], hold: { by: 'retention' } },
    });
    const { held: longer } = await hold({ refused, byMatters: outcome({ action: 'no-rule' }) }, before);
    expect(longer).toEqual({ ...before, hold: { matters: ['case-1'], by: 'retention' } });
  });

  it('fails where the bucket takes no retention either', async () => {
    const byMatters = outcome(generation, { errors: [wormOff] });
    const { held } = await hold({ refused, byMatters });
    expect(held).toEqual({ ...noRule, errors: [notOffered] });
    const mixed = outcome(generation, { errors: [denied, wormOff] });
    expect((await hold({ refused, byMatters: mixed })).held.errors).toEqual([notOffered]);
  });
});

describe('the matters of an event', () => {
  const matter = opened('case-1', 1, { match: ['oss://hr/a'] });

  it('are read once, and told as often as they are asked for', async () => {
    let reads = 0;
    const over = opened('case-2', 1, { match: ['oss://hr'] });
    const records = [matter, over, released('case-2', 2, [over.file])];
    const look = lookForMatters(() => Promise.resolve(mattersOf(records)).finally(() => (reads += 1)));
    expect((await look()).scopes.map(({ id }) => id)).toEqual(['case-1']);
    expect([(await look()).errors, reads]).toEqual([[], 1]);
  });

  it('are none where the rules have no folder for them', async () => {
    expect(await lookForMatters(undefined)()).toEqual({ scopes: [], errors: [] });
  });

  it('tell why nobody knows them all', async () => {
    const unread = { name: { id: 'b', kind: 'opened', sha256: 'x' }, error: malformed } as const;
    const partly = await lookForMatters(() => Promise.resolve(mattersOf([matter, unread])))();
    expect([partly.scopes.length, partly.errors]).toEqual([1, [malformed]]);
    expect(await lookForMatters(() => Promise.reject(denied))()).toEqual({ scopes: [], errors: [denied] });
    const broken = new TypeError('broken');
    await expect(lookForMatters(() => Promise.reject(broken))()).rejects.toBe(broken);
  });

  it('may have an object of their places, and any where nobody knows them all', () => {
    const scopes = [open('case-1', { match: ['oss://hr/a'] }), open('case-2', { match: ['oss://fin/b'] })];
    const may = (bucket: string, key: string, errors = [] as readonly (typeof denied)[]) =>
      mayBeHeld({ scopes, errors }, { bucket, key });
    expect([may('hr', 'a'), may('fin', 'b'), may('hr', 'b'), may('hr', 'b', [denied])]).toEqual([
      ...[true, true, false, true],
    ]);
  });
});
