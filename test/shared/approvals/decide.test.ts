import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideApproval } from '../../../shared/approvals/decide.ts';
import { releaseSubject } from '../../../shared/approvals/release.ts';
import {
  hashSubjects,
  subjectInWords,
  subjectTarget,
  subjectText,
} from '../../../shared/approvals/subject.ts';
import type { Approval, ApprovalSubject } from '../../../shared/approvals/types.ts';

const now = new Date('2026-11-29T10:00:00Z');
const later = new Date('2026-11-29T10:00:01Z');
const lock: ApprovalSubject = { act: 'lock', bucket: 'b', wormId: 'W1', days: 365 };

function approval(given: Partial<Approval> = {}): Approval {
  const subjects = given.subjects ?? [lock];
  return {
    ...{ caller: 'ann', at: new Date('2026-11-28T10:00:00Z'), until: later, note: undefined, file: 'f' },
    ...given,
    subjects,
    plan: hashSubjects(subjects),
  };
}

const decide = (approvals: readonly Approval[], own: readonly string[] = ['me']) =>
  decideApproval(lock, approvals, { own: new Set(own), now });

describe('an approval', () => {
  it('counts for the very act, of another identity, until its end', () => {
    const one = approval();
    expect(decide([one])).toEqual({ approved: true, approval: one });
    expect(decide([one], [])).toEqual({ approved: true, approval: one });
    const more = approval({ subjects: [{ ...lock, bucket: 'c' }, lock] });
    expect(decide([more])).toEqual({ approved: true, approval: more });
  });

  it("is absent where nobody has given one, and one's own is named as such, ended or not", () => {
    expect(decide([])).toEqual({ approved: false, because: 'absent' });
    const own = approval({ caller: 'me' });
    expect(decide([own])).toEqual({ approved: false, because: 'own', approval: own });
    const ended = approval({ caller: 'me', until: now });
    expect(decide([ended])).toEqual({ approved: false, because: 'own', approval: ended });
  });

  it('ends at the instant that it names', () => {
    const ended = approval({ until: now });
    expect(decide([ended])).toEqual({ approved: false, because: 'expired', approval: ended });
    expect(decide([ended, approval({ caller: 'me' })])).toMatchObject({ because: 'expired' });
    const still = approval({ caller: 'bob' });
    expect(decide([ended, still])).toEqual({ approved: true, approval: still });
  });

  it.each<[string, ApprovalSubject]>([
    ['another policy', { ...lock, wormId: 'W2' }],
    ['another number of days', { ...lock, days: 366 }],
  ])('of %s is of another plan', (_, subject) => {
    const other = approval({ subjects: [{ ...lock, bucket: 'c' }, subject] });
    expect(decide([other])).toEqual({ approved: false, because: 'other', approval: other, subject });
    expect(decide([approval({ subjects: [subject], until: now })])).toEqual({
      approved: false,
      because: 'absent',
    });
    expect(decide([approval({ subjects: [subject], caller: 'me' })])).toEqual({
      approved: false,
      because: 'absent',
    });
  });

  it.each<[string, ApprovalSubject]>([
    ['another bucket', { ...lock, bucket: 'c' }],
    ['another act', { ...lock, act: 'extend' }],
  ])('of %s says nothing of this one', (_, subject) => {
    expect(decide([approval({ subjects: [subject] })])).toEqual({ approved: false, because: 'absent' });
  });
});

const subjects = fc.oneof(
  fc.record({
    act: fc.constantFrom('lock' as const, 'extend' as const),
    bucket: fc.constantFrom('a', 'b'),
    wormId: fc.constantFrom('W1', 'W2'),
    days: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    act: fc.constant('release' as const),
    matter: fc.constantFrom('a', 'b'),
    records: fc.constantFrom('sha256:1', 'sha256:2'),
  }),
);
const approvals = fc.array(
  fc
    .record({
      caller: fc.constantFrom('ann', 'bob', 'me'),
      until: fc.integer({ min: -2, max: 2 }).map((seconds) => new Date(now.getTime() + seconds * 1000)),
      subjects: fc.array(subjects, { minLength: 1, maxLength: 3 }),
    })
    .map(approval),
  { maxLength: 6 },
);

describe('among any approvals', () => {
  it('an act is approved exactly where somebody else has approved it, and that has not ended', () => {
    fc.assert(
      fc.property(subjects, approvals, (subject, all) => {
        const verdict = decideApproval(subject, all, { own: new Set(['me']), now });
        const counts = (each: Approval) =>
          each.caller !== 'me' &&
          each.until > now &&
          each.subjects.some((one) => hashSubjects([one]) === hashSubjects([subject]));
        expect(verdict.approved).toBe(all.some(counts));
        if (verdict.approved) expect(counts(verdict.approval)).toBe(true);
      }),
    );
  });

  it('their order does not count for what is approved, nor for why not', () => {
    fc.assert(
      fc.property(subjects, approvals, (subject, all) => {
        const acting = { own: new Set(['me']), now };
        const told = (verdict: ReturnType<typeof decideApproval>) =>
          'because' in verdict ? verdict.because : 'approved';
        expect(told(decideApproval(subject, all.toReversed(), acting))).toBe(
          told(decideApproval(subject, all, acting)),
        );
      }),
    );
  });

  it('one more of somebody else takes nothing away', () => {
    fc.assert(
      fc.property(subjects, approvals, approvals, (subject, all, more) => {
        const acting = { own: new Set(['me']), now };
        if (!decideApproval(subject, all, acting).approved) return;
        expect(decideApproval(subject, [...all, ...more], acting).approved).toBe(true);
      }),
    );
  });
});

describe('an act', () => {
  const acts: readonly ApprovalSubject[] = [
    lock,
    { act: 'extend', bucket: 'b', wormId: 'W1', days: 365 },
    { act: 'retain', bucket: 'b', key: 'k', versionId: 'v', until: '2036-11-29T10:00:00Z' },
    {
      ...{
        act: 'protect',
        target: 'oss://b',
        rules: `sha256:${'0'.repeat(64)}`,
        list: `sha256:${'1'.repeat(64)}`,
      },
      ...{ before: '2026-11-29T09:00:00Z', versions: 2, latest: '2027-11-29T10:00:00Z' },
    },
    { act: 'release', matter: 'case-1', records: `sha256:${'2'.repeat(64)}` },
    { act: 'release', matter: 'case-1', records: `sha256:${'2'.repeat(64)}`, again: true },
  ];

  it('has words that say it whole, and a target that leaves out what may change', () => {
    expect(acts.map((act) => subjectInWords(act, 'obs'))).toEqual([
      'lock of b (policy W1, 365 days)',
      'extension of b to 365 days (policy W1)',
      'retention of obs://b/k (version v) until 2036-11-29T10:00:00Z',
      'retention of 2 versions in oss://b until 2027-11-29T10:00:00Z at the latest (list sha256:111111111111, uploads before 2026-11-29T09:00:00Z)',
      'release of matter case-1 (records sha256:222222222222)',
      'second release of matter case-1 (records sha256:222222222222)',
    ]);
    expect(acts.map(subjectTarget)).toEqual([
      '["lock","b"]',
      '["extend","b"]',
      '["retain","b","k","v"]',
      '["protect","oss://b"]',
      ...['["release","case-1"]', '["release","case-1"]'],
    ]);
  });

  it('is one line in words, whatever its names hide', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        const act = {
          act: 'retain',
          bucket: 'b',
          key,
          versionId: `v${key}`,
          until: '2036-11-29T10:00:00Z',
        } as const;
        expect(subjectInWords(act, 'oss')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
    const forged = {
      act: 'release',
      matter: 'x\r\n  lock of nothing',
      records: `sha256:${'0'.repeat(64)}`,
    } as const;
    expect(subjectInWords(forged, 'oss')).toMatch(
      /^release of matter x⟨U\+000D⟩⟨U\+000A⟩ {2}lock of nothing/,
    );
  });

  it('is the same whatever the order of its parts, and the hash of several whatever theirs', () => {
    expect(subjectText({ days: 365, wormId: 'W1', bucket: 'b', act: 'lock' })).toBe(subjectText(lock));
    expect(subjectText(lock)).toBe('[["act","lock"],["bucket","b"],["days",365],["wormId","W1"]]');
    const two = ['[["act","lock"],["bucket","a"],["days",365],["wormId","W1"]]', subjectText(lock)];
    const hash = createHash('sha256').update(two.join('\n')).digest('hex');
    expect(hashSubjects([lock, { ...lock, bucket: 'a' }])).toBe(`sha256:${hash}`);
    expect(hashSubjects(acts)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(hashSubjects(acts.toReversed())).toBe(hashSubjects(acts));
    expect(new Set(acts.map((act) => hashSubjects([act]))).size).toBe(acts.length);
  });
});

it('the release of a matter is of its records, in whatever order they are found', () => {
  const release = releaseSubject('case-1', ['opened-1.json', 'opened-2.json']);
  expect(release).toEqual({
    ...{ act: 'release', matter: 'case-1' },
    records: 'sha256:bd062230c1e1ce013059f4448b5c09d15a44326e8d5c002d93e5c3b62b7442a5',
  });
  expect(releaseSubject('case-1', ['opened-2.json', 'opened-1.json'])).toEqual(release);
  expect(releaseSubject('case-1', ['opened-1.json'])).not.toEqual(release);
  expect(releaseSubject('case-1', ['opened-1.jsonopened-2.json'])).not.toEqual(release);
});

it('the approval of a release is none of a second one', () => {
  const [first, second] = [false, true].map((again) => releaseSubject('case-1', ['opened-1.json'], again));
  expect(second).toEqual({ ...first, again: true });
  expect(first).not.toHaveProperty('again');
});
