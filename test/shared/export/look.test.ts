import { describe, expect, it } from 'vitest';
import type { AuditFile } from '../../../shared/audit/file.ts';
import type { KnownVersion } from '../../../shared/backfill/source.ts';
import { isStoredLater, storageAsOf } from '../../../shared/export/as-of.ts';
import { lookForExport, type MatterOfExport } from '../../../shared/export/look.ts';
import { type RulesSeen, seeRules } from '../../../shared/export/rules-seen.ts';
import type { ExportScope } from '../../../shared/export/scope.ts';
import type { PolicySeen } from '../../../shared/report/policy.ts';
import { listing } from '../../../shared/storage/listing.ts';
import {
  type ListedVersion,
  type ObjectHead,
  type Page,
  versionId,
  wormId,
} from '../../../shared/storage/port.ts';
import { minutes, validScope } from '../../support/matters.ts';
import { validRules } from '../../support/rules-file.ts';
import { storedVersions } from '../../support/stored-versions.ts';

const at = minutes(60);
const later = (ms: number) => new Date(at.getTime() + ms);
const rules = validRules(`version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 1y }
  - { name: fin, match: { bucket: fin-1 }, retain: 1y }
  - { name: acme, match: { bucket: fin-1, tags: { client: acme } }, retain: 2y }
  - { name: letters, match: { bucket: letters }, retain: 1y }
  - { name: closed, match: { bucket: hr }, retain: { forTag: period } }
`);
const until = minutes(60 * 24 * 400);

interface Given {
  readonly known?: Partial<KnownVersion>;
  readonly chosen?: readonly string[];
  readonly scope?: Partial<ExportScope>;
  readonly matters?: readonly MatterOfExport[];
  readonly policy?: PolicySeen;
  readonly head?: Partial<ObjectHead>;
  readonly tags?: Readonly<Record<string, string>>;
  /** Versions that are gone when they are asked for. */
  readonly isGone?: 'head' | 'tags';
}

const head = 'headObject a v1';
const getTags = 'getTags a v1';

async function look(given: Given) {
  const { chosen = ['fin'], matters = [], head: shown = {}, tags = {}, isGone } = given;
  const service = storedVersions([{ key: 'a', id: 'v1', head: shown, tags }], { lastModified: minutes(0) });
  if (isGone === 'head') service.remove('v1');
  service.before((_number, name) => {
    if (isGone === 'tags' && name === 'getTags') service.remove('v1');
  });
  const scope = { rules, chosen: new Set(chosen), buckets: undefined, from: undefined, until: undefined };
  const known: KnownVersion = {
    ...{ bucket: 'fin-1', key: 'a', versionId: versionId('v1'), lastModified: minutes(0), type: 'Normal' },
    ...{ isLatest: true, size: 7, storageClass: 'IA' },
    ...given.known,
  };
  const deps = { storage: service.storage, scope: { ...scope, ...given.scope }, matters, at };
  return { found: await lookForExport(deps, known, given.policy), asked: service.asked };
}

const matter = (id: string, isOpen: boolean, part = {}): MatterOfExport => ({
  ...{ id, isOpen, scope: validScope({ match: ['oss://fin-1'], ...part }) },
});
const acme = { tags: { client: 'acme' } };

describe('a version in an export', () => {
  it('is told as the service shows it', async () => {
    const retention = { mode: 'COMPLIANCE', until } as const;
    const { found, asked } = await look({ head: { retention, legalHold: true } });
    expect(found).toMatchObject({
      ...{ bucket: 'fin-1', key: 'a', versionId: 'v1', isLatest: true, lastModified: minutes(0), size: 7 },
      ...{
        storageClass: 'IA',
        retention,
        legalHold: true,
        isOfPolicy: false,
        others: [],
        matters: [],
        tags: [],
      },
      judgement: { standing: 'protected', rule: 'fin', until },
    });
    expect(asked).toEqual([head, getTags]);
  });

  it('is asked for its tags only where a rule or a matter for it reads them', async () => {
    const letter = { known: { bucket: 'letters' }, chosen: ['letters'] };
    const all = matter('case-1', true, { match: ['oss://letters'] });
    expect((await look({ ...letter, matters: [all, matter('case-2', true, acme)] })).asked).toEqual([head]);
    const byTag = matter('case-1', true, { match: ['oss://letters'], ...acme });
    expect((await look({ ...letter, matters: [byTag] })).asked).toEqual([head, getTags]);
  });

  it.each<[type: string, reason: string]>([
    ['Symlink', 'a symlink cannot carry retention'],
    ['Appendable', 'an appendable object cannot carry retention'],
  ])('that is of type %s is told by its list, under each rule for its key', async (type, reason) => {
    const matters = [matter('case-1', true), matter('case-2', false), matter('case-3', true, acme)];
    const elsewhere = matter('case-4', true, { match: ['oss://hr'] });
    const { found, asked } = await look({ known: { type }, matters: [...matters, elsewhere] });
    expect(found).toMatchObject({
      ...{ key: 'a', isOfPolicy: false, others: ['fin', 'acme'], retention: undefined, legalHold: false },
      ...{ tags: [], judgement: { standing: 'unprotected', reason } },
      matters: [
        { id: 'case-1', isOpen: true },
        { id: 'case-2', isOpen: false },
      ],
    });
    expect(asked).toEqual([]);
  });

  it('without a hold and a size has none', async () => {
    const { found } = await look({ known: { size: undefined } });
    expect(found).toMatchObject({ size: 0, legalHold: false, judgement: { standing: 'unprotected' } });
  });

  it('names the rules that match beside the one that has it, also when that one was not asked for', async () => {
    const { found } = await look(acme);
    expect(found).toMatchObject({ judgement: { rule: 'acme' }, others: ['fin'] });
  });

  it('has the tags that a rule that is for its key reads, in order, and no others', async () => {
    const tags = { class: 'y', client: 'acme', secret: 'x', area: 'z' };
    const reader = matter('case-1', true, { tags: { class: 'y', area: 'z' } });
    expect((await look({ tags, matters: [reader] })).found).toMatchObject({
      tags: [
        ['area', 'z'],
        ['class', 'y'],
        ['client', 'acme'],
      ],
    });
    expect((await look({ tags, matters: [matter('case-1', true)] })).found).toMatchObject({
      tags: [['client', 'acme']],
    });
    const { found } = await look({
      known: { bucket: 'hr' },
      chosen: ['closed'],
      tags: { period: '1y', x: 'y' },
    });
    expect(found).toMatchObject({ tags: [['period', '1y']], judgement: { rule: 'closed' } });
  });

  it('that its rule cannot be followed for is in it', async () => {
    const { found } = await look({ known: { bucket: 'hr' }, chosen: ['closed'] });
    expect(found).toMatchObject({ judgement: { rule: 'closed', code: 'TAG_UNREADABLE' }, others: [] });
  });

  it('names the matters that have it, in order, once and open where one is', async () => {
    const matters = [
      matter('case-3', false),
      matter('case-2', false, acme),
      matter('case-2', true),
      matter('case-2', false),
      matter('case-9', false),
      matter('case-1', true, { tags: { client: 'other' } }),
      matter('case-4', true, { match: ['oss://hr'] }),
    ];
    expect((await look({ ...acme, matters })).found).toMatchObject({
      matters: [
        { id: 'case-2', isOpen: true },
        { id: 'case-3', isOpen: false },
        { id: 'case-9', isOpen: false },
      ],
    });
  });

  it('that the policy of its bucket keeps is told without a request', async () => {
    const [bucketRule] = validRules(`version: 1
limits: { maxRetention: 10y }
buckets:
  - { name: archive, match: { bucket: fin-1 }, policy: { days: 365, lock: { after: 20h } } }
`).buckets;
    if (bucketRule === undefined) throw new Error('no rule');
    const policy = { id: wormId('w'), state: 'Locked', days: 365, createdAt: minutes(-60) };
    const matters = [matter('case-1', true), matter('case-2', true, acme)];
    const { found, asked } = await look({
      policy: { rule: bucketRule, policy },
      chosen: ['archive'],
      matters,
    });
    expect(found).toMatchObject({
      ...{ key: 'a', isOfPolicy: true, others: [], retention: undefined, legalHold: false, tags: [] },
      ...{ matters: [{ id: 'case-1', isOpen: true }], judgement: { standing: 'protected', rule: 'archive' } },
    });
    expect(asked).toEqual([]);
  });
});

describe('no request is made for a version', () => {
  it.each<[what: string, given: Given, found: 'not-asked' | 'later']>([
    ['without an id', { known: { versionId: undefined } }, 'not-asked'],
    ['without a time', { known: { lastModified: undefined } }, 'not-asked'],
    ['without a type', { known: { type: undefined } }, 'not-asked'],
    ['that is a delete marker', { known: { type: 'delete-marker' } }, 'not-asked'],
    ['before the period', { scope: { from: minutes(1) } }, 'not-asked'],
    ['behind the period', { scope: { until: minutes(0) } }, 'not-asked'],
    [
      'that is evidence',
      { known: { bucket: 'evidence', key: 'decisions/a' }, chosen: ['evidence'] },
      'not-asked',
    ],
    ['of another rule', { known: { bucket: 'hr' } }, 'not-asked'],
    ['that came after the instant of the export', { known: { lastModified: later(3001) } }, 'later'],
  ])('%s', async (_what, given, found) => {
    expect(await look(given)).toEqual({ found, asked: [] });
  });
});

it('a version is not in an export that another rule has alone, by its tags', async () => {
  expect(await look({ chosen: ['acme'] })).toEqual({ found: 'not-asked', asked: [head, getTags] });
  const tagless = { key: 'a', bucket: 'hr' };
  expect((await look({ known: tagless, chosen: ['acme', 'closed'] })).found).toMatchObject({ key: 'a' });
});

it('a version is gone that went meanwhile', async () => {
  expect(await look({ isGone: 'head' })).toEqual({ found: 'gone', asked: [head] });
  expect(await look({ isGone: 'tags' })).toEqual({ found: 'gone', asked: [head, getTags] });
});

it('a list as of an instant has no version that came more than three seconds later', async () => {
  const marker = (key: string, ms: number): ListedVersion => ({
    ...{ kind: 'delete-marker', bucket: 'hr', key, versionId: versionId(key), isLatest: true },
    lastModified: later(ms),
  });
  const page: Page<ListedVersion> = {
    items: [marker('a', -1), marker('b', 3000), marker('c', 3001)],
    next: undefined,
    cursor: 'x',
  };
  const places: string[] = [];
  const { storage } = storedVersions([], { lastModified: at });
  const listVersions = (...place: readonly unknown[]) => {
    places.push(place.join());
    return listing(() => Promise.resolve(page));
  };
  const seen = await storageAsOf({ ...storage, listVersions }, at)
    .listVersions('hr', 'p', 'c')
    .first();
  expect([seen.items.map(({ key }) => key), seen.cursor, places]).toEqual([['a', 'b'], 'x', ['hr,p,c']]);
  expect([isStoredLater(later(3000), at), isStoredLater(later(3001), at)]).toEqual([false, true]);
});

it('of rules the first and the last file are known, their number, and each text once', () => {
  const file = (
    minute: number,
    rulesText?: string,
  ): Pick<AuditFile, 'rules' | 'rulesText' | 'writtenAt'> => ({
    ...{ rules: 'sha256:1', rulesText, writtenAt: minutes(minute) },
  });
  const files = [file(5, 'a'), file(3), file(9, 'b'), file(7, 'a')];
  const seen = files.reduce<RulesSeen | undefined>((before, each) => seeRules(before, each), undefined);
  expect(seen).toEqual({
    ...{ fingerprint: 'sha256:1', first: minutes(3), last: minutes(9), files: 4, texts: ['a', 'b'] },
  });
});
