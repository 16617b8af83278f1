import { expect, it } from 'vitest';
import { type ExportFacts, exportCover, exportVerdict } from '../../../shared/export/cover.ts';

const facts: ExportFacts = {
  madeAt: new Date('2026-11-20T10:00:00Z'),
  finishedAt: new Date('2026-11-23T10:00:00Z'),
  ...{ holdfast: '0.1.0', callers: ['holdfast'], cloud: 'oss', region: 'cn-hangzhou' },
  regions: [{ region: 'cn-hangzhou', buckets: ['stays', 'opened'], error: null }],
  ...{ rules: ['records'], from: undefined, until: undefined, buckets: ['decided', 'left', 'stays'] },
  ...{ versions: 2, bytes: 2, standings: {}, gone: 0, later: 3, decisions: 1, matters: [], plans: [] },
  since: [
    { bucket: 'left', change: 'gone', reason: 'what was read before is in this pack' },
    { bucket: 'opened', change: 'new', reason: 'nothing of it is in this pack' },
  ],
  ...{ plansWithoutBeginning: [], approvals: [], findings: 0, shownFindings: [], unread: [] },
  evidence: {
    ...{ folder: 'oss://evidence/', from: undefined, files: 1, records: 1, kept: 1, unnamed: 1 },
    lastAnchor: undefined,
  },
  ...{ rulesFingerprint: 'sha256:1', rulesWithoutText: [] },
};

it('the cover says what came and went while the pack was made, and keeps a bucket that is gone apart', () => {
  const cover = exportCover(facts);
  for (const line of [
    '  left: gone since the export was begun; what was read before is in this pack',
    '  opened: new since the export was begun; nothing of it is in this pack',
    '  3 versions were uploaded after the export was begun, and left out',
    'made          as of 2026-11-20T10:00:00Z, read until 2026-11-23T10:00:00Z, by Holdfast 0.1.0',
    'where         oss, region cn-hangzhou: stays',
    '              of these only decisions are left: decided',
    '              gone since the export was begun: left',
  ])
    expect(cover.split('\n')).toContain(line);
});

it('a pack is whole when buckets came or went, and not when one cannot be read any more', () => {
  expect(exportVerdict(facts)).toMatch(/^The evidence is whole/);
  const lost = { bucket: 'stays', change: 'unreadable', reason: 'ACCESS_DENIED: refused' } as const;
  expect(exportVerdict({ ...facts, since: [lost] })).toBe('1 bucket CANNOT BE READ ANY MORE.');
});
