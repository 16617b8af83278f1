import { day } from '../../shared/platform/instant.ts';
import { makePosture, type Posture } from '../../shared/posture/posture.ts';
import { addVersions, noTotals } from '../../shared/posture/totals.ts';
import type { VersionPosture } from '../../shared/posture/types.ts';
import type { Upkeep } from '../../shared/posture/upkeep.ts';

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

/** Versions of every standing, the same every time. */
export function sampleVersions(count: number): VersionPosture[] {
  return Array.from({ length: count }, (_, index): VersionPosture => {
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
      const why = { code: 'NO_RETENTION', reason: 'no retention is stored' };
      return { ...where, standing: 'unprotected', rule, wanted: until, ...why };
    }
    if (index % 1499 === 0) {
      const why = { code: 'RETENTION_SHORT', reason: "retention ends before the rules' date" };
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
      return { ...where, standing: 'unknown', code: 'ACCESS_DENIED', reason: 'HeadObject is not allowed' };
    }
    if (index % 11 === 0) return { ...where, standing: 'uncovered' };
    return { ...where, standing: 'protected', rule, until, wanted: until };
  });
}

const upkeep: Upkeep = {
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
export function samplePosture(versions: readonly VersionPosture[]): Posture {
  return makePosture({
    cloud: 'oss',
    state: {
      version: 1,
      run: {},
      at,
      done: [],
      totals: addVersions(noTotals, versions, at),
      troubles: [{ bucket: 'fin-us', code: 'ACCESS_DENIED', message: 'ListObjectVersions is not allowed' }],
      versions: 0,
      requests: 51_234,
    },
    scope: {
      targets: ['fin-eu', 'audit-eu'].map((bucket) => ({ bucket, prefix: '', policy: undefined })),
      troubles: [],
    },
    region: 'cn-hangzhou',
    source: 'listing',
    read: true,
    rules: { source: 'rules.yaml', hash: `sha256:${'5f2b'.repeat(16)}` },
    upkeep,
  });
}
