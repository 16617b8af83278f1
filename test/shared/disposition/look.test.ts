import { describe, expect, it } from 'vitest';
import {
  type DispositionDeps,
  type ListedData,
  lookForDisposition,
} from '../../../shared/disposition/look.ts';
import { failure } from '../../../shared/platform/errors.ts';
import {
  type BucketPolicy,
  type MissingObject,
  type ObjectHead,
  versionId,
  wormId,
} from '../../../shared/storage/port.ts';
import { validScope } from '../../support/matters.ts';
import { validRules } from '../../support/rules-file.ts';
import { type StoredVersion, type StoredVersions, storedVersions } from '../../support/stored-versions.ts';

const now = new Date('2028-03-01T00:00:00Z');
const lastModified = new Date('2028-01-01T00:00:00Z');
const ahead = new Date('2028-03-01T00:00:01Z');
const rulesWith = (objects: string, more = '') =>
  validRules(`version: 1
limits: { maxRetention: 10y }
audit: oss://fin/decisions/
objects:
  - { name: short, match: { bucket: fin, key: "ledger/**" }, ${objects} }
${more}`);
const rules = rulesWith('retain: 30d');
const byTag = rulesWith('retain: { forTag: period }');
const besides = (rule: string) => `  - { name: other, match: { bucket: fin }, ${rule} }`;
const policy = (state: BucketPolicy['state'], days: number): BucketPolicy => ({
  ...{ id: wormId('w'), state, days, createdAt: lastModified },
});
const matter = (match: string, more: Omit<Parameters<typeof validScope>[0], 'match'> = {}) => [
  { id: 'case-1', scope: validScope({ match: [match], ...more }) },
];

interface Given {
  /** Versions that are stored besides, or instead: the newest last. */
  readonly stored?: readonly StoredVersion[];
  readonly listed?: Partial<Pick<ListedData, 'key' | 'lastModified' | 'type'>> & { readonly id?: string };
  readonly deps?: Partial<DispositionDeps>;
  readonly seen?: ObjectHead | MissingObject;
  readonly cloud?: 'oss' | 'obs';
  readonly before?: (service: StoredVersions, number: number, name: string) => unknown;
}

const one: StoredVersion = { key: 'ledger/a', id: 'v1' };

/** Looks at one version of a service with these; tells why it stays, or that it may go, what was asked, and what was read. */
async function look({ stored = [one], listed = {}, deps, seen, cloud = 'oss', before }: Given = {}) {
  const service = storedVersions(stored, { cloud, lastModified });
  service.before((number, name) => before?.(service, number, name));
  const { id = 'v1', ...others } = listed;
  const { verdict, ...read } = await lookForDisposition(
    {
      storage: service.storage,
      askHold({ key, versionId: id }) {
        service.asked.push(`askHold ${key} ${id}`);
        return Promise.resolve('off');
      },
      policyOf: async () => undefined,
      rules: { ...rules, cloud },
      scopes: [],
      ...deps,
    },
    { bucket: 'fin', key: 'ledger/a', versionId: versionId(id), lastModified, type: 'Normal', ...others },
    now,
    seen,
  );
  return { verdict: verdict.disposable ? 'may go' : verdict.because, asked: service.asked, read };
}

const head = 'headObject ledger/a v1';
const tags = 'getTags ledger/a v1';
const hold = 'askHold ledger/a v1';

it('lets a version go that nothing keeps, and asks for its hold last', async () => {
  const { verdict, asked, read } = await look();
  expect([verdict, asked]).toEqual(['may go', [head, hold]]);
  expect(read.head).toMatchObject({ versionId: 'v1', size: 1 });
  expect(read).not.toHaveProperty('tags');
});

describe('what the list has said already costs no request', () => {
  it.each<[string, Given, string]>([
    ['the version null, which another object may replace', { listed: { id: 'null' } }, 'null-version'],
    ['evidence', { listed: { key: 'decisions/x' } }, 'evidence'],
    ['a key that no rule is for', { listed: { key: 'notes/x' } }, 'no-rule'],
    ['a key that no rule is for, in a version null', { listed: { key: 'notes/x', id: 'null' } }, 'no-rule'],
    ['a rule whose date is ahead', { deps: { rules: rulesWith('retain: 61d') } }, 'rule-holds'],
    ['a symlink', { listed: { type: 'Symlink' } }, 'not-data'],
    [
      'a bucket that rules of both kinds claim',
      {
        deps: {
          rules: rulesWith(
            'retain: 30d',
            'buckets: [{ name: b, match: { bucket: fin }, policy: { days: 1 } }]',
          ),
        },
      },
      'rule-failed',
    ],
  ])('%s', async (_what, given, because) => {
    expect(await look(given)).toEqual({ verdict: because, asked: [], read: {} });
  });
});

describe('the WORM policy of the bucket', () => {
  it.each([
    ['one that is in progress', policy('InProgress', 1), 'bucket-policy'],
    ['a locked one that has not ended for it', policy('Locked', 61), 'bucket-policy'],
    ['one in a state that nobody knows', policy('Other', 1), 'bucket-policy'],
    ['a locked one that has ended for it', policy('Locked', 60), 'may go'],
    ['one that expired unlocked', policy('Expired', 3650), 'may go'],
  ])('%s', async (_what, found, verdict) => {
    const asked: string[] = [];
    const policyOf = (bucket: string) => {
      asked.push(bucket);
      return Promise.resolve(found);
    };
    expect((await look({ deps: { policyOf } })).verdict).toBe(verdict);
    expect(asked).toEqual(['fin']);
  });

  it('keeps a version before HEAD is asked, and is not misled by the Last-Modified of an inventory', async () => {
    const deps = { policyOf: async () => policy('Locked', 61) };
    expect(await look({ deps })).toMatchObject({ verdict: 'bucket-policy', asked: [] });
    const listed = { lastModified: new Date('2020-01-01T00:00:00Z') };
    expect(await look({ deps, listed })).toMatchObject({ verdict: 'bucket-policy', asked: [head] });
  });
});

describe('what HEAD says', () => {
  const until = (date: Date) => [
    { ...one, head: { retention: { mode: 'COMPLIANCE', until: date } as const } },
  ];

  it.each<[string, Given, string, string[]]>([
    ['the version is not there', { stored: [] }, 'gone', [head]],
    ['it was seen to be gone a moment ago', { seen: 'absent' }, 'gone', []],
    ['a delete marker is seen in its place', { seen: 'delete-marker' }, 'not-data', []],
    ['its retention goes on', { stored: until(ahead) }, 'retained', [head]],
    ['its retention ends now', { stored: until(now) }, 'may go', [head, hold]],
    ['a legal hold is on', { stored: [{ ...one, head: { legalHold: true } }] }, 'legal-hold', [head]],
    ['it is a symlink', { stored: [{ ...one, head: { type: 'Symlink' } }] }, 'not-data', [head]],
    [
      'it is younger than the list has it',
      { stored: [{ ...one, head: { lastModified: new Date('2028-02-20T00:00:00Z') } }] },
      'rule-holds',
      [head],
    ],
    [
      'on OBS no retention is shown, for which the permission may be missing',
      { cloud: 'obs' },
      'retention-hidden',
      [head],
    ],
    ['on OBS its retention has ended', { cloud: 'obs', stored: until(now) }, 'may go', [head, hold]],
  ])('%s', async (_what, given, verdict, asked) => {
    expect(await look(given)).toMatchObject({ verdict, asked });
  });
});

describe('tags are read where a rule or a matter asks for them', () => {
  const tagged = (set: Record<string, string>) => [{ ...one, tags: set }];
  const acme = { tags: { client: 'acme' } };

  it.each<[string, Given, string, string[]]>([
    [
      'a rule by a tag, past',
      { stored: tagged({ period: '30d' }), deps: { rules: byTag } },
      'may go',
      [head, tags, hold],
    ],
    [
      'a rule by a tag, ahead',
      { stored: tagged({ period: '61d' }), deps: { rules: byTag } },
      'rule-holds',
      [head, tags],
    ],
    ['a rule by a tag that is not there', { deps: { rules: byTag } }, 'rule-failed', [head, tags]],
    [
      'a rule by a tag beside one that reads none',
      {
        stored: tagged({ period: '61d' }),
        deps: { rules: rulesWith('retain: 30d', besides('retain: { forTag: period }')) },
      },
      'rule-holds',
      [head, tags],
    ],
    ['a matter by its place', { deps: { scopes: matter('oss://fin/ledger/**') } }, 'matter', [head]],
    ['a matter of another place', { deps: { scopes: matter('oss://hr', acme) } }, 'may go', [head, hold]],
    [
      'a matter by a tag that it has',
      { stored: tagged({ client: 'acme' }), deps: { scopes: matter('oss://fin', acme) } },
      'matter',
      [head, tags],
    ],
    [
      'a matter by a tag that it has not',
      { stored: tagged({ client: 'other' }), deps: { scopes: matter('oss://fin', acme) } },
      'may go',
      [head, tags, hold],
    ],
    [
      'a matter of the time that HEAD says, whatever the list says',
      {
        listed: { lastModified: new Date('2020-01-01T00:00:00Z') },
        deps: { scopes: matter('oss://fin', { from: lastModified.toISOString() }) },
      },
      'matter',
      [head],
    ],
    [
      'a matter of the time that the list says by mistake',
      {
        listed: { lastModified: new Date('2020-01-01T00:00:00Z') },
        deps: { scopes: matter('oss://fin', { until: lastModified.toISOString(), ...acme }) },
      },
      'may go',
      [head, hold],
    ],
  ])('%s', async (_what, given, verdict, asked) => {
    expect(await look(given)).toMatchObject({ verdict, asked });
  });

  it('and are told with the verdict', async () => {
    const { read } = await look({ stored: tagged({ period: '30d' }), deps: { rules: byTag } });
    expect(read.tags).toEqual(new Map([['period', '30d']]));
  });
});

describe('a rule that extends what is in use', () => {
  const extending = rulesWith('retain: 30d, extend: { within: 10d, by: 30d, upTo: 1y }');
  const current = 'headObject ledger/a';

  it('keeps the current version beside a rule that extends nothing', async () => {
    const both = rulesWith('retain: 30d, extend: { within: 10d, by: 30d, upTo: 1y }', besides('retain: 1d'));
    expect(await look({ deps: { rules: both } })).toMatchObject({
      verdict: 'rule-holds',
      asked: [head, current],
    });
  });

  it.each<[string, Given, string, string[]]>([
    ['keeps the current version', {}, 'rule-holds', [head, current]],
    [
      'keeps none behind a newer one',
      { stored: [one, { ...one, id: 'v2' }] },
      'may go',
      [head, current, hold],
    ],
    [
      'keeps none behind a delete marker',
      {
        before: (service, number) =>
          number === 2 && service.add({ key: 'ledger/a', id: 'm', isMarker: true }),
      },
      'may go',
      [head, current, hold],
    ],
  ])('%s', async (_what, given, verdict, asked) => {
    expect(await look({ ...given, deps: { rules: extending } })).toMatchObject({ verdict, asked });
  });
});

describe('a version that changes while it is looked at', () => {
  it('is gone when its tags are', async () => {
    const given: Given = {
      deps: { rules: byTag },
      before: (service, number) => number === 2 && service.remove('v1'),
    };
    expect(await look(given)).toEqual({ verdict: 'gone', asked: [head, tags], read: {} });
  });

  it.each([
    ['on', 'legal-hold'],
    ['off', 'may go'],
    ['unknown', 'hold-unknown'],
    ['gone', 'gone'],
  ] as const)('its hold is %s', async (state, verdict) => {
    const { verdict: found, read } = await look({ deps: { askHold: async () => state } });
    expect(found).toBe(verdict);
    expect(read.head).toMatchObject({ versionId: 'v1' });
  });

  it.each(['headObject', 'getTags'])('may not go when the service refuses %s', async (refused) => {
    const denied = failure('ACCESS_DENIED', { operation: refused, target: 'oss://fin', action: 'oss:x' });
    const before: Given['before'] = (_service, _number, name) =>
      name === refused ? Promise.reject(denied) : undefined;
    await expect(look({ deps: { rules: byTag }, before })).rejects.toBe(denied);
  });
});
