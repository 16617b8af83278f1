import { describe, expect, it, test } from 'vitest';
import {
  approvalsIn,
  canNameCaller,
  formatApprovalName,
  parseApprovalName,
} from '../../../shared/approvals/name.ts';
import { approvalText, parseApproval, type WrittenApproval } from '../../../shared/approvals/record.ts';
import { hashSubjects } from '../../../shared/approvals/subject.ts';
import type { ApprovalSubject } from '../../../shared/approvals/types.ts';

const hash = `sha256:${'0'.repeat(64)}`;
const until = '2026-12-06T10:00:00Z';
const protect = {
  act: 'protect',
  target: 'oss://b/',
  rules: hash,
  before: until,
  versions: 3,
  latest: until,
  list: hash,
} as const;
const release = { act: 'release', matter: 'case', records: hash } as const;
const subjects: readonly ApprovalSubject[] = [
  { act: 'lock', bucket: 'b', wormId: 'W', days: 365 },
  { act: 'extend', bucket: 'b', wormId: 'W', days: 366 },
  { act: 'retain', bucket: 'b', key: 'k', versionId: 'v', until },
  protect,
  release,
  { ...release, again: true },
];
const by = { caller: 'ann', callerFrom: 'a test' };
const approval = (acts: readonly ApprovalSubject[], note?: string): WrittenApproval => ({
  ...{ by, until: new Date(until), plan: hashSubjects(acts), subjects: acts, note },
});

describe('the text of an approval', () => {
  it.each(subjects)('is read as it was written, for the act $act', (subject) => {
    expect(parseApproval(approvalText(approval([subject])))).toEqual(approval([subject]));
  });

  it('has all acts and a note', () => {
    const whole = approval(subjects, 'looked at');
    expect(parseApproval(approvalText(whole))).toEqual(whole);
    const [lock] = subjects;
    expect(approvalText(approval(lock ? [lock] : []))).toBe(`{
  "approval": 1,
  "by": {
    "caller": "ann",
    "callerFrom": "a test"
  },
  "until": "2026-12-06T10:00:00Z",
  "plan": "${hashSubjects(lock ? [lock] : [])}",
  "subjects": [
    {
      "act": "lock",
      "bucket": "b",
      "wormId": "W",
      "days": 365
    }
  ]
}
`);
  });

  const good = JSON.parse(approvalText(approval([protect])));
  const acts = (change: object) => ({ subjects: [{ ...protect, ...change }] });
  it.each<[change: object, problem: RegExp]>([
    [{ approval: 2 }, /^approval: /],
    [{ more: 1 }, /^the approval: Unrecognized key: "more"$/],
    [{ by: { caller: '', callerFrom: '' } }, /^by\.caller: /],
    [{ until: '2026-12-06' }, /^until: expected an instant such as 2026-11-29T10:00:00Z$/],
    [{ plan: 'x' }, /^plan: expected sha256: and 64 digits$/],
    [{ plan: `x${hash}` }, /^plan: expected sha256: and 64 digits$/],
    [{ plan: `${hash}0` }, /^plan: expected sha256: and 64 digits$/],
    [{ plan: hash }, /^plan: it is not the hash of the acts$/],
    [{ subjects: [] }, /^subjects: /],
    [{ note: ' ' }, /^note: /],
    [{ note: 'x'.repeat(1001) }, /^note: /],
    [acts({ act: 'delete' }), /^subjects\.0\.act: /],
    [acts({ versions: 0 }), /^subjects\.0\.versions: /],
    [acts({ more: 1 }), /^subjects\.0: /],
    [{ subjects: [{ ...release, again: false }] }, /^subjects\.0\.again: /],
  ])('is none with %j', (change, problem) => {
    expect(parseApproval(JSON.stringify({ ...good, ...change }))).toEqual({
      problem: expect.stringMatching(problem),
    });
  });

  it('is none when it is no JSON', () => {
    expect(parseApproval('{')).toEqual({ problem: 'it is not JSON' });
  });
});

const zeros = '0'.repeat(64);
const named = { caller: 'ann', until: new Date(until), sha256: zeros };

test('the name of an approval says who, until when and its hash', () => {
  const name = `approvals/ann/20261206T100000Z-${zeros}.json`;
  expect(formatApprovalName(named)).toBe(name);
  expect(parseApprovalName(name)).toEqual(named);
  expect(approvalsIn({ bucket: 'evidence', prefix: 'audit/' })).toEqual({
    ...{ bucket: 'evidence', prefix: 'audit/approvals/' },
  });
  for (const other of [`x${name}`, `x/${name}`, `${name}.bak`, `${name}x`, 'ann', '', name.toUpperCase()])
    expect(parseApprovalName(other)).toBeUndefined();
});

test.each<[caller: string, can: boolean]>([
  ['LTAI5tExample', true],
  ['a.b_c-d', true],
  ['a'.repeat(128), true],
  ['a'.repeat(129), false],
  ['-a', false],
  ['a/b', false],
  ['a b', false],
  ['', false],
])('an access key %j can be a part of a name: %s', (caller, can) => {
  expect(canNameCaller(caller)).toBe(can);
});
