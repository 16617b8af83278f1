import { expect, it } from 'vitest';
import type { ExportedVersion } from '../../../shared/export/look.ts';
import { versionRow } from '../../../shared/export/rows.ts';
import { day } from '../../../shared/platform/instant.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { minutes } from '../../support/matters.ts';

const wanted = minutes(60);
const stored = new Date(wanted.getTime() + day);

const version: ExportedVersion = {
  ...{
    bucket: 'fin-1',
    key: 'a',
    versionId: versionId('v1'),
    isLatest: true,
    lastModified: minutes(0),
    size: 1,
  },
  ...{ storageClass: undefined, others: [], legalHold: false, isOfPolicy: false, tags: [], matters: [] },
  judgement: { rule: 'fin', standing: 'protected', wanted, until: stored, reason: undefined },
  retention: { mode: 'COMPLIANCE', until: stored },
};

it('tells the date that is stored beside the one that the rule asks for', () => {
  expect(versionRow(version)).toMatchObject({ ruleUntil: wanted, retainedUntil: stored });
  const free = { ...version, retention: undefined };
  expect(versionRow(free)).toMatchObject({ ruleUntil: wanted, retention: 'none', retainedUntil: undefined });
});
