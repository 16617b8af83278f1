import { describe, expect, it } from 'vitest';
import {
  type CertifyState,
  certifyStateFormat,
  differencesOfTargets,
  type PlanState,
  planStateFormat,
} from '../../../shared/disposition/progress.ts';

it('tells which addresses have come and which have gone since a plan was begun, or that their order is another', () => {
  expect(differencesOfTargets(['oss://a/', 'oss://b/'], ['oss://a/', 'oss://b/'])).toEqual([]);
  expect(differencesOfTargets(['oss://a/', 'oss://b/'], ['oss://b/', 'oss://c/'])).toEqual([
    'oss://c/ is to be looked through and was not',
    'oss://a/ was to be looked through and is not',
  ]);
  const moved = differencesOfTargets(
    ['oss://a/', 'oss://b/', 'oss://c/'],
    ['oss://b/', 'oss://a/', 'oss://c/'],
  );
  expect(moved).toEqual(['the buckets are in another order']);
});

const at = new Date('2028-03-01T10:00:00Z');
const begun = { version: 1 as const, run: { target: 'oss://a/' }, at };
const list = { bytes: 10, sha256: 'x' };

describe('a step of disposition is gone on with', () => {
  const plan: PlanState = {
    ...begun,
    ...{ targets: ['oss://a/', 'oss://b/'], done: ['oss://a/'], versions: 3, bytes: 9, looked: 5, list },
    ...{ kept: { matter: 1 }, whole: ['oss://a/'] },
    under: { url: 'oss://b/', position: 'p', going: 1, staying: 0 },
    failed: [{ bucket: 'c', code: 'ACCESS_DENIED', message: 'refused' }],
  };
  const version = { bucket: 'a', key: 'k', versionId: 'v' };
  const certificate: CertifyState = {
    ...begun,
    ...{
      name: 'n',
      gone: { versions: 1, bytes: 2 },
      there: { versions: 3, bytes: 4 },
      touchedVersions: 1,
      list,
    },
    touched: [{ ...version, state: 'gone', touched: ['a hold'] }],
    left: [{ ...version, state: 'there' }],
    recorded: 1,
  };

  it('as it was kept', () => {
    expect(planStateFormat.parse(kept(plan))).toEqual(plan);
    expect(certifyStateFormat.parse(kept(certificate))).toEqual(certificate);
  });

  it('before anything was looked at, and before the certificate was written', () => {
    const { under: _under, ...first } = plan;
    expect(planStateFormat.parse(kept(first))).toEqual(first);
    const { recorded: _recorded, ...unwritten } = certificate;
    expect(certifyStateFormat.parse(kept(unwritten))).toEqual(unwritten);
  });

  it.each<[what: string, change: Partial<Record<keyof PlanState, unknown>>]>([
    ['another form', { version: 2 }],
    ['another run', { run: { target: 1 } }],
    ['no beginning', { at: 'x' }],
    ['half a number', { looked: 1.5 }],
    ['less than nothing', { versions: -1 }],
    ['a position of no address', { under: { position: 'p', going: 1, staying: 0 } }],
    ['no list', { list: undefined }],
  ])('but not by a file of a plan with %s', (_what, change) => {
    expect(() => planStateFormat.parse(kept({ ...plan, ...change }))).toThrow();
  });

  it.each<[what: string, change: Partial<Record<keyof CertifyState, unknown>>]>([
    ['another form', { version: 2 }],
    ['no sums', { gone: {} }],
    ['a version that is neither gone nor there', { left: [{ ...version, state: 'lost' }] }],
    ['a version without its id', { touched: [{ ...version, versionId: undefined, state: 'gone' }] }],
    ['half a number', { recorded: 0.5 }],
  ])('but not by a file of a certificate with %s', (_what, change) => {
    expect(() => certifyStateFormat.parse(kept({ ...certificate, ...change }))).toThrow();
  });
});

/** Returns what a file gives back of what was written into it. */
const kept = (state: unknown): unknown => JSON.parse(JSON.stringify(state));
