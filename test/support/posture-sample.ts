import { decideBucket } from '../../shared/buckets/decide.ts';
import { day } from '../../shared/platform/instant.ts';
import type { FailuresAndRepairs } from '../../shared/report/failures-and-repairs.ts';
import { makePosture, type Posture } from '../../shared/report/posture.ts';
import { ownReason } from '../../shared/report/remedies.ts';
import type { PostureTarget } from '../../shared/report/targets.ts';
import { addVersions, noTotals } from '../../shared/report/totals.ts';
import type { FoundVersion } from '../../shared/report/types.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { scheduleOf } from '../../shared/schedule/schedule.ts';
import { type PolicyState, wormId } from '../../shared/storage/port.ts';

export const at = new Date('2026-11-20T10:00:00Z');

/** Keys that would break a page, a spreadsheet or a terminal that takes them for its own. */
export const nastyKeys = [
  '</script><script>document.title="broken"</script>',
  '<!--<script>',
  '"quoted" & \'quoted\' `$(key)`',
  '=HYPERLINK("http://example.invalid","click")',
  '账本/2026年/凭证 第一号.pdf',
  'invoice\u202Efdp.exe',
  'zero\u200Bwidth\u2028line\u0007bell\u001B[31mred',
];

const rules = ['finance', 'logs', 'contracts'];

/** Rules of these names, and one about the policies of buckets. */
const sampleRules = rulesFrom(
  `version: 1
limits: { maxRetention: 10y }
objects:
  - name: finance
    match: { bucket: [fin-eu, audit-eu], key: ledger/**, tags: { class: finance } }
    retain: 7y
    because: HGB § 257 (4), AO § 147 (3)
    owner: finance@example.com
    review: 2027-06-30
  - { name: logs, match: { bucket: "*-eu" }, retain: 1y }
  - { name: contracts, match: { bucket: "*-eu", tags: { closed-on: "*" } }, retain: { for: 6y, fromTag: closed-on, atMost: 10y } }
buckets:
  - name: archive
    match: { bucket: archive-* }
    policy: { days: { atLeast: 180, atMost: 3650 }, lock: { after: 20h }, extend: { within: 30d, by: 365d, upTo: 3650d } }
`,
  'rules.yaml',
);

/** A bucket with a policy of so many days, and what the rule says of it. */
function archive(bucket: string, state: PolicyState, days: number, createdAt: string): PostureTarget[] {
  const policy = { id: wormId(bucket), state, days, createdAt: new Date(createdAt) };
  return sampleRules.buckets.map((rule) => {
    const decision = decideBucket(rule, policy, sampleRules.limits.maxRetention, at);
    return { bucket, prefix: '', policy: { bucket, rule, policy, decision } };
  });
}

/** Five policies, of which one is not locked yet. */
const archives = [
  ...archive('archive-2022', 'Locked', 3650, '2022-01-10T08:00:00Z'),
  ...archive('archive-2023', 'Locked', 3650, '2023-01-09T08:00:00Z'),
  ...archive('archive-2024', 'Locked', 1825, '2024-01-08T08:00:00Z'),
  ...archive('archive-2025', 'Locked', 730, '2025-01-06T08:00:00Z'),
  ...archive('archive-2026', 'InProgress', 365, '2026-11-20T01:30:00Z'),
];

/** Versions of every standing, the same every time. */
export function sampleVersions(count: number): FoundVersion[] {
  return Array.from({ length: count }, (_, index): FoundVersion => {
    const rule = rules[index % rules.length] ?? '';
    const until = new Date(at.getTime() + ((index * 37) % 3650) * day + day);
    const where = {
      bucket: index % 5 === 0 ? 'audit-eu' : 'fin-eu',
      key: nastyKeys[index] ?? `ledger/2026/${String(index % 12).padStart(2, '0')}/entry-${index}.parquet`,
      versionId: `CAEQ${String(index).padStart(8, '0')}`,
      size: (index * 7919) % 5_000_000,
      lastModified: new Date(at.getTime() - (index % 900) * day),
    };
    if (index < nastyKeys.length || index % 997 === 0) {
      const why = ownReason('NO_RETENTION', 'no retention is stored');
      return { ...where, standing: 'unprotected', rule, wanted: until, ...why };
    }
    if (index % 1499 === 0) {
      const why = ownReason('RETENTION_SHORT', "retention ends before the rules' date");
      return {
        ...where,
        standing: 'too-short',
        rule,
        until: new Date(at.getTime() + 9 * day),
        wanted: until,
        ...why,
      };
    }
    if (index % 2999 === 0) {
      const why = { code: 'ACCESS_DENIED', reason: 'HeadObject is not allowed' };
      return { ...where, standing: 'unknown', ...why, remedy: 'allow oss:GetObject on the bucket' };
    }
    if (index % 11 === 0) return { ...where, standing: 'uncovered' };
    const legalHold = index % 101 === 0 ? { legalHold: true as const, reason: 'a legal hold is on' } : {};
    return { ...where, standing: 'protected', rule, until, wanted: until, mode: 'COMPLIANCE', ...legalHold };
  });
}

const upkeep: FailuresAndRepairs = {
  place: 'oss://letters/dead-letters/',
  deadLetters: { open: 2, oldest: new Date('2026-11-19T08:00:00Z') },
  repairs: [
    {
      bucket: 'fin-eu',
      completedAt: new Date('2026-11-20T02:11:00Z'),
      versions: 41_000,
      changed: 3,
      failed: 0,
    },
    { bucket: 'audit-eu', unknown: 'oss://letters/dead-letters/repairs/audit-eu.json is no record' },
  ],
};

/** The report about these versions. */
export function samplePosture(versions: readonly FoundVersion[]): Posture {
  return makePosture({
    cloud: 'oss',
    state: {
      version: 1,
      run: {},
      at,
      done: [],
      totals: addVersions(noTotals, versions, at),
      troubles: [
        {
          bucket: 'fin-us',
          code: 'ACCESS_DENIED',
          message: 'ListObjectVersions is not allowed',
          remedy: 'allow oss:ListObjectVersions on the bucket',
        },
      ],
      versions: 0,
      requests: 51_234,
    },
    scope: {
      targets: [
        ...['fin-eu', 'audit-eu'].map((bucket) => ({ bucket, prefix: '', policy: undefined })),
        ...archives,
      ],
      troubles: [],
    },
    region: 'cn-hangzhou',
    source: 'listing',
    read: true,
    account: '1234567890123456',
    madeBy: { holdfast: '0.1.0', caller: 'LTAI5tExampleKeyId', callerFrom: 'ALIBABA_CLOUD_ACCESS_KEY_ID' },
    rules: { source: 'rules.yaml', hash: `sha256:${'5f2b'.repeat(16)}`, schedule: scheduleOf(sampleRules) },
    upkeep,
  });
}
