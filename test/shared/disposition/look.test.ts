import { expect, it } from 'vitest';
import { type DispositionDeps, lookForDisposition } from '../../../shared/disposition/look.ts';
import type { CloudName } from '../../../shared/platform/address.ts';
import { type BucketPolicy, etag, type ObjectHead, versionId, wormId } from '../../../shared/storage/port.ts';
import { validRules } from '../../support/rules-file.ts';

const now = new Date('2028-03-01T00:00:00Z');
const lastModified = new Date('2028-01-01T00:00:00Z');
const rules = validRules(`version: 1
limits: { maxRetention: 10y }
audit: oss://fin/decisions/
objects:
  - { name: short, match: { bucket: fin }, retain: 30d }
`);
const head: ObjectHead = {
  versionId: versionId('v1'),
  lastModified,
  etag: etag('e'),
  size: 1,
  tagCount: 0,
  type: 'Normal',
  retention: undefined,
};
const policy = (state: BucketPolicy['state'], days: number): BucketPolicy => ({
  ...{ id: wormId('w'), state, days, createdAt: lastModified },
});

/** Looks at one version of a service that answers so; tells why it stays, or that it may go, and what was asked. */
async function look(
  given: Partial<DispositionDeps> & {
    readonly cloud?: CloudName;
    readonly key?: string;
    readonly id?: string;
    readonly stored?: ObjectHead;
    readonly listedAt?: Date;
  },
) {
  const asked: string[] = [];
  const {
    cloud = 'oss',
    key = 'ledger/a',
    id = 'v1',
    stored = head,
    listedAt = lastModified,
    ...others
  } = given;
  const unexpected = (): never => {
    throw new Error('nobody asks this here');
  };
  const deps: DispositionDeps = {
    storage: {
      cloud,
      headObject() {
        asked.push('headObject');
        return Promise.resolve(stored);
      },
      getTags: unexpected,
      getRetention: unexpected,
      listVersions: unexpected,
      readText: unexpected,
      readObject: unexpected,
      listBuckets: unexpected,
      getVersioning: unexpected,
      getObjectWorm: unexpected,
    },
    askHold: async () => 'off',
    policyOf: async () => undefined,
    rules: { ...rules, cloud },
    scopes: [],
    ...others,
  };
  const listed = {
    bucket: 'fin',
    key,
    versionId: versionId(id),
    lastModified: listedAt,
    type: 'Normal' as const,
  };
  const { verdict } = await lookForDisposition(deps, listed, now);
  return { verdict: verdict.disposable ? 'may go' : verdict.because, asked };
}

it('lets a version go that nothing keeps', async () => {
  expect(await look({})).toEqual({ verdict: 'may go', asked: ['headObject'] });
});

it.each([
  ['one that is in progress', policy('InProgress', 1), 'bucket-policy'],
  ['a locked one that has not ended for it', policy('Locked', 61), 'bucket-policy'],
  ['one in a state that nobody knows', policy('Other', 1), 'bucket-policy'],
  ['a locked one that has ended for it', policy('Locked', 60), 'may go'],
  ['one that expired unlocked', policy('Expired', 3650), 'may go'],
])('the WORM policy of the bucket, %s', async (_what, found, verdict) => {
  expect((await look({ policyOf: async () => found })).verdict).toBe(verdict);
});

it('keeps the version null, which another object may replace, and evidence, and asks for neither', async () => {
  expect(await look({ id: 'null' })).toEqual({ verdict: 'null-version', asked: [] });
  expect(await look({ key: 'decisions/x' })).toEqual({ verdict: 'evidence', asked: [] });
});

it('on OBS keeps a version whose retention is not shown: the permission to see it may be missing', async () => {
  expect((await look({ cloud: 'obs' })).verdict).toBe('retention-hidden');
  const until = new Date('2028-02-29T00:00:00Z');
  const shown = { ...head, retention: { mode: 'COMPLIANCE' as const, until } };
  expect((await look({ cloud: 'obs', stored: shown })).verdict).toBe('may go');
});

it.each([
  ['on', 'legal-hold'],
  ['off', 'may go'],
  ['unknown', 'hold-unknown'],
  ['gone', 'gone'],
] as const)('a hold that is %s', async (state, verdict) => {
  expect((await look({ askHold: async () => state })).verdict).toBe(verdict);
});

it('is not misled by the Last-Modified of an inventory about the policy of the bucket', async () => {
  const listed = new Date('2020-01-01T00:00:00Z');
  const policyOf = async () => policy('Locked', 61);
  expect((await look({ policyOf, listedAt: listed })).verdict).toBe('bucket-policy');
});
