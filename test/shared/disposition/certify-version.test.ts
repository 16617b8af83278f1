import { expect, it } from 'vitest';
import { type SincePlan, versionKey } from '../../../shared/disposition/certify.ts';
import { certifyVersion } from '../../../shared/disposition/certify-version.ts';
import type { DispositionDeps } from '../../../shared/disposition/look.ts';
import type { DisposableVersion } from '../../../shared/disposition/plan.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { validScope } from '../../support/matters.ts';
import { validRules } from '../../support/rules-file.ts';
import { type StoredVersion, type StoredVersions, storedVersions } from '../../support/stored-versions.ts';

const now = new Date('2028-03-01T00:00:00Z');
const lastModified = new Date('2028-01-01T00:00:00Z');
const rulesWith = (retain: string) =>
  validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: letters, match: { bucket: hr }, retain: ${retain} }
`);
const planned: DisposableVersion = {
  ...{ bucket: 'hr', key: 'a', versionId: 'v1', size: 1, lastModified },
  ...{ rule: 'letters', until: new Date('2028-01-31T00:00:00Z'), why: 'its time is over' },
};
const scopes = [{ id: 'case-1', scope: validScope({ match: ['oss://hr'], tags: { client: 'acme' } }) }];
const stored: StoredVersion = { key: 'a', id: 'v1' };
const of = (client: string) => ({ tags: { client } });

interface Given {
  readonly stored?: readonly StoredVersion[];
  readonly planned?: Partial<DisposableVersion>;
  readonly since?: Partial<SincePlan>;
  readonly deps?: Partial<DispositionDeps>;
  /** Happens before anybody looks. */
  readonly happened?: (service: StoredVersions) => void;
}

async function certify(given: Given) {
  const rules = given.since?.rules ?? rulesWith('30d');
  const service = storedVersions(given.stored ?? [stored], { lastModified });
  given.happened?.(service);
  const opened = given.since?.scopes ?? [];
  const { state, touched } = await certifyVersion(
    {
      ...{ storage: service.storage, rules, scopes: opened },
      askHold: async () => 'off',
      policyOf: async () => undefined,
      ...given.deps,
    },
    { rules, scopes: opened, writes: new Map(), now, ...given.since },
    { ...planned, ...given.planned },
  );
  return { state, touched, asked: service.asked };
}

const gone = (service: StoredVersions) => service.remove('v1');

it.each<[string, Given, state: 'gone' | 'there', touched: string[] | undefined]>([
  ['that was deleted', { happened: gone }, 'gone', undefined],
  ['that is still there', {}, 'there', undefined],
  [
    'under a delete marker is still there',
    { happened: (service) => service.add({ key: 'a', id: 'm', isMarker: true }) },
    'there',
    undefined,
  ],
  [
    'whose key has another object is gone all the same',
    {
      happened(service) {
        gone(service);
        service.add({ key: 'a', id: 'v2' });
      },
    },
    'gone',
    undefined,
  ],
  ['that went while it was looked at is gone', { deps: { askHold: async () => 'gone' } }, 'gone', undefined],
  [
    'that a rule keeps for longer now',
    { since: { rules: rulesWith('90d') } },
    'there',
    ['the date of a rule is ahead (rule letters)'],
  ],
  [
    'that is gone although a rule keeps it for longer now',
    { since: { rules: rulesWith('90d') }, happened: gone },
    'gone',
    ['the date of a rule is ahead (rule letters)'],
  ],
  [
    'whose retention somebody has made longer',
    {
      stored: [
        { ...stored, head: { retention: { mode: 'COMPLIANCE', until: new Date('2029-01-01T00:00:00Z') } } },
      ],
      since: { writes: new Map([[versionKey(planned), 'retention']]) },
    },
    'there',
    ['the evidence has a write since: retention', 'the retention that is stored goes on'],
  ],
  [
    'that a rule keeps by the tags of the plan, and its retention by those of now',
    {
      stored: [
        {
          ...{ ...stored, tags: { period: '30d' } },
          head: { retention: { mode: 'COMPLIANCE', until: new Date('2029-01-01T00:00:00Z') } },
        },
      ],
      planned: { tags: { period: '9y' } },
      since: { rules: rulesWith('{ forTag: period }') },
    },
    'there',
    ['the date of a rule is ahead (rule letters)', 'the retention that is stored goes on'],
  ],
  ['under a legal hold', { deps: { askHold: async () => 'on' } }, 'there', ['a legal hold is on']],
  [
    'that a matter has by its tags',
    { stored: [{ ...stored, ...of('acme') }], planned: of('acme'), since: { scopes } },
    'there',
    ['matter case-1 has it'],
  ],
  [
    'that a matter has by tags that came after the plan',
    { stored: [{ ...stored, ...of('acme') }], planned: of('other'), since: { scopes } },
    'there',
    ['matter case-1 has it'],
  ],
  [
    'that a matter had by tags that are others now',
    { stored: [{ ...stored, ...of('other') }], planned: of('acme'), since: { scopes } },
    'there',
    ['matter case-1 has it'],
  ],
  [
    'whose tags are not in the plan, and have it in a matter now',
    { stored: [{ ...stored, ...of('acme') }], since: { scopes } },
    'there',
    ['matter case-1 has it'],
  ],
  [
    'whose tags are not in the plan, and have it in no matter',
    { stored: [{ ...stored, ...of('other') }], since: { scopes } },
    'there',
    undefined,
  ],
  [
    'that is gone with tags that nobody knows',
    { happened: gone, since: { scopes } },
    'gone',
    ['matter case-1 may have it: its tags are not in the plan'],
  ],
])('a version of a plan %s', async (_what, given, state, touched) => {
  expect(await certify(given)).toMatchObject({ state, touched });
});

it('asks for one version by its id, and once where it is gone', async () => {
  expect((await certify({ happened: gone })).asked).toEqual(['headObject a v1']);
  expect((await certify({})).asked).toEqual(['headObject a v1']);
});

it('calls no version gone when the service refuses to tell', async () => {
  const denied = failure('ACCESS_DENIED', { operation: 'HeadObject', target: 'oss://hr', action: 'oss:x' });
  const refused = certify({ happened: (service) => service.before(() => Promise.reject(denied)) });
  await expect(refused).rejects.toBe(denied);
});
